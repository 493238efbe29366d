/** One call and its answer. Headers hold the token and are not kept. */
export interface Exchange {
  method: string;
  path: string;
  query: string[];
  request: unknown;
  status: number;
  response: unknown;
}

/** A fetch that tells what went through it to the part of this API that is `under` a path; what goes elsewhere passes unseen. */
export function recordingFetch(
  baseUrl: string,
  tell: (exchange: Exchange) => void,
  under = "/v1/",
): typeof fetch {
  const base = new URL(baseUrl);
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(String(input));
    // The document's paths begin where the base ends.
    const path = url.pathname.slice(base.pathname.replace(/\/$/, "").length);
    if (url.origin !== base.origin || !path.startsWith(under)) return response;
    tell({
      method: (init?.method ?? "GET").toLowerCase(),
      path,
      query: [...url.searchParams.keys()],
      request: typeof init?.body === "string" ? JSON.parse(init.body) : undefined,
      status: response.status,
      response: parse(await response.clone().text()),
    });
    return response;
  };
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
