/** One call and its answer. Headers hold the token and are not kept. */
export interface Exchange {
  method: string;
  path: string;
  query: string[];
  request: unknown;
  status: number;
  response: unknown;
}

/** A fetch that tells what went through it to this API; what goes elsewhere passes unseen. */
export function recordingFetch(baseUrl: string, tell: (exchange: Exchange) => void): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(String(input));
    if (url.origin !== baseUrl || !url.pathname.startsWith("/v1/")) return response;
    tell({
      method: (init?.method ?? "GET").toLowerCase(),
      path: url.pathname,
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
