/** One call and its answer. Headers hold the token and are not kept. */
export interface Exchange {
  method: string;
  path: string;
  query: string[];
  request: unknown;
  status: number;
  response: unknown;
}

/** A fetch that tells what went through it to an API; what goes elsewhere passes unseen. */
export function recordingFetch(
  /** The call's path in the API's document, if it is of this API. */
  pathIn: (url: URL) => string | undefined,
  tell: (exchange: Exchange) => void,
): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(String(input));
    const path = pathIn(url);
    if (path === undefined) return response;
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
