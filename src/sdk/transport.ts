import { ApiError, ConnectionError, errorFromResponse, retryAfterSeconds } from "./errors.ts";
import { retryDelayMs, sleep } from "./retry.ts";

/** How a client reaches the API. */
export interface ClientOptions {
  /** `gn_live_…`. Without it only public calls work, or those a browser's session cookie allows. */
  token?: string;
  /** Default `https://gentity.ai`. */
  baseUrl?: string;
  /** Milliseconds one attempt may take; default 60,000, `null` for no limit. Streams: until they open. */
  timeoutMs?: number | null;
  /** How often to try again after 429, 503 and connection errors; default 2. */
  maxRetries?: number;
  /** A `fetch` of your own, for tests or special networks. */
  fetch?: typeof fetch;
  /** Sent as `User-Agent` where the runtime allows it. */
  userAgent?: string;
}

/** What a single call may change. */
export interface RequestOptions {
  signal?: AbortSignal;
  timeoutMs?: number | null;
  /** Makes a POST safe to repeat, also across processes. One is made up otherwise. */
  idempotencyKey?: string;
  headers?: Record<string, string>;
}

/** One call of the API. */
export interface Call {
  method: string;
  /** Starts with `/`; ids in it are already encoded. */
  path: string;
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  accept?: string;
}

const DEFAULT_BASE_URL = "https://gentity.ai";
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_RETRIES = 2;

/** Sends calls: address, credentials, deadline, retries and errors, and nothing about any resource. */
export class Transport {
  readonly baseUrl: string;
  readonly #options: ClientOptions;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions = {}) {
    this.baseUrl = (options.baseUrl ?? DEFAULT_BASE_URL).replace(/\/+$/, "");
    this.#options = options;
    // Bound to the global object: browsers refuse a detached fetch.
    this.#fetch = options.fetch ?? fetch.bind(globalThis);
  }

  /** The JSON of the answer. */
  json<T>(call: Call, options: RequestOptions = {}): Promise<T> {
    return this.#send(call, options, async (response) => {
      const text = await response.text();
      return (text === "" ? undefined : parseJson(text, response)) as T;
    });
  }

  /** The answer itself, its body unread: for streams and for anything that is not JSON. */
  open(call: Call, options: RequestOptions = {}): Promise<Response> {
    return this.#send(call, options, async (response) => response);
  }

  async #send<T>(
    call: Call,
    options: RequestOptions,
    consume: (response: Response) => Promise<T>,
  ): Promise<T> {
    const url = urlOf(this.baseUrl, call);
    // Built once, so that every attempt carries the same idempotency key.
    const headers = this.#headers(call, options);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    for (let attempt = 0; ; attempt++) {
      const tried = await this.#attempt(url, { method: call.method, headers, body }, options, consume);
      if ("value" in tried) return tried.value;
      const delay = retryDelayMs({
        attempt,
        maxRetries: this.#options.maxRetries ?? DEFAULT_MAX_RETRIES,
        error: tried.error,
        retryAfterSeconds: tried.retryAfterSeconds,
        random: Math.random(),
      });
      if (delay === null) throw tried.error;
      await sleep(delay, options.signal);
    }
  }

  async #attempt<T>(
    url: string,
    init: RequestInit,
    options: RequestOptions,
    consume: (response: Response) => Promise<T>,
  ): Promise<{ value: T } | { error: ApiError; retryAfterSeconds: number | null }> {
    const timeoutMs = options.timeoutMs === undefined ? this.#options.timeoutMs : options.timeoutMs;
    const deadline = startDeadline(timeoutMs === undefined ? DEFAULT_TIMEOUT_MS : timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, deadline.signal]) : deadline.signal;
    try {
      const response = await this.#fetch(url, { ...init, signal });
      if (response.ok) return { value: await consume(response) };
      const after = retryAfterSeconds(response.headers.get("retry-after"), Date.now());
      return { error: await errorFromResponse(response), retryAfterSeconds: after };
    } catch (cause) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (cause instanceof ApiError) return { error: cause, retryAfterSeconds: null };
      const error = deadline.signal.aborted ? timeoutError(url, cause) : connectionError(url, cause);
      return { error, retryAfterSeconds: null };
    } finally {
      deadline.clear();
    }
  }

  #headers(call: Call, options: RequestOptions): Record<string, string> {
    const { token, userAgent } = this.#options;
    return {
      accept: call.accept ?? "application/json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(userAgent ? { "user-agent": userAgent } : {}),
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      ...(call.method === "POST" ? { "idempotency-key": options.idempotencyKey ?? newKey() } : {}),
      ...options.headers,
    };
  }
}

/** A connection failure, with the system's own code (`ECONNREFUSED`) where the runtime reveals it. */
export function connectionError(url: string, cause: unknown): ConnectionError {
  const code = systemCode(cause) ?? "connection_failed";
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : "";
  const detail = code === "connection_failed" ? reason : code;
  const message = `Cannot reach ${originOf(url)}${detail === "" ? "" : `: ${detail}`}`;
  return new ConnectionError(message, { code, url }, { cause });
}

function timeoutError(url: string, cause: unknown): ConnectionError {
  return new ConnectionError(`No answer from ${originOf(url)} in time.`, { code: "timeout", url }, { cause });
}

function systemCode(cause: unknown): string | null {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return null;
}

/** A `fetch` of the caller's own may answer without a URL. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "the server";
}

function startDeadline(timeoutMs: number | null): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  if (timeoutMs === null) return { signal: controller.signal, clear: () => {} };
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

/** Joined as text: resolving with `new URL(path, base)` would let `//elsewhere` carry the token to another host. */
function urlOf(baseUrl: string, call: Call): string {
  if (!call.path.startsWith("/")) throw new TypeError(`A path starts with "/": ${call.path}`);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value]) query.append(name, String(item));
  }
  const text = query.toString();
  if (text === "") return baseUrl + call.path;
  return `${baseUrl}${call.path}${call.path.includes("?") ? "&" : "?"}${text}`;
}

function parseJson(text: string, response: Response): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `${originOf(response.url)} answered something that is not JSON. Is the address right?`;
    throw new ApiError(message, { status: response.status, code: "invalid_answer" }, { cause });
  }
}

/** Random values rather than `randomUUID`, which pages on plain http do not have. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
