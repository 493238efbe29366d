/** What every vendor's client has in common: one call with a bearer and a deadline, and what may be told of its failure. */
import type * as z from "zod";

const TEXT_LIMIT = 300;
/** What vendors' credentials look like, whoever repeats them. */
const CREDENTIALS = [/\b(?:Bearer|FlyV1)\s+\S+/g, /\bfm[12][a-z]?_\S+/g, /\bdtn_\w+/g];

export interface HttpCall {
  method: string;
  url: string;
  token: string;
  /** Pairs where names repeat. */
  query?: Record<string, string> | [string, string][];
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  text?: string;
  timeoutMs: number;
}

export interface HttpAnswer {
  /** 0: there was none, and `body` says why. */
  status: number;
  headers?: Headers;
  /** Parsed where it is JSON, else the text; undefined when empty. */
  body: unknown;
}

/** Never throws: no answer is an answer too. */
export async function exchange(send: typeof fetch, call: HttpCall): Promise<HttpAnswer> {
  const query = new URLSearchParams(call.query).toString();
  const headers: Record<string, string> = {
    authorization: `Bearer ${call.token}`,
    accept: "application/json",
    "user-agent": "gentity",
    ...call.headers,
  };
  if (call.body !== undefined) headers["content-type"] = "application/json";
  try {
    const response = await send(`${call.url}${query === "" ? "" : `?${query}`}`, {
      method: call.method,
      headers,
      signal: AbortSignal.timeout(call.timeoutMs),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(call.text === undefined ? {} : { body: call.text }),
    });
    // Reading the body is part of the answer: a connection lost here leaves us knowing as little as a timeout does.
    return { status: response.status, headers: response.headers, body: parseBody(await response.text()) };
  } catch (error) {
    return { status: 0, body: reason(error, call.timeoutMs) };
  }
}

/** Of an answer that says success and is not what the vendor describes: what it did is not known. */
export function unreadable(error: z.ZodError): string {
  return `an answer we cannot read, at "${error.issues[0]?.path.join(".") ?? ""}"`;
}

function parseBody(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function reason(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error instanceof Error ? error.message : String(error)}${cause}`;
}

/** `Retry-After` in seconds or as a date. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Cuts what is secret or long out of a text that people and logs will see. */
export function scrub(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    // Short values ("1", "true") are no secrets, and would shred the message.
    if (secret.length >= 8) clean = clean.replaceAll(secret, "[redacted]");
  }
  for (const pattern of CREDENTIALS) clean = clean.replace(pattern, "[redacted]");
  return clean.length > TEXT_LIMIT ? `${clean.slice(0, TEXT_LIMIT)}…` : clean;
}
