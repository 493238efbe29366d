/** HTTP to Daytona: bearer, deadline, JSON, and every answer either a checked value or a classified failure. */
import type * as z from "zod";
import { classify, type Failure, parseRetryAfter } from "./classify.ts";

export interface DaytonaRequest<T> {
  method: "GET" | "POST" | "DELETE";
  url: string;
  query?: Record<string, string>;
  body?: unknown;
  schema: z.ZodType<T>;
  timeoutMs?: number;
  /** Values in the body that no error text may repeat. */
  secrets?: readonly string[];
}

export type Answer<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export interface ClientConfig {
  apiKey: string;
  fetch: typeof fetch;
}

export interface DaytonaClient {
  call<T>(request: DaytonaRequest<T>): Promise<Answer<T>>;
}

const READ_TIMEOUT_MS = 15_000;
const WRITE_TIMEOUT_MS = 30_000;

/** From 0.167.0 on, a sandbox's program keeps a command's two outputs apart in its answers. */
const SDK_VERSION = "0.190.0";

interface Received {
  status: number;
  headers?: Headers;
  body: unknown;
}

export function createClient(config: ClientConfig): DaytonaClient {
  return {
    async call<T>(request: DaytonaRequest<T>): Promise<Answer<T>> {
      const received = await send(config, request);
      if (received.status < 200 || received.status >= 300) return fail(config, request, received);
      const parsed = request.schema.safeParse(received.body);
      if (parsed.success) return { ok: true, value: parsed.data };
      const where = parsed.error.issues[0]?.path.join(".") ?? "";
      return fail(config, request, { status: 0, body: `an answer we cannot read, at "${where}"` });
    },
  };
}

function fail<T>(config: ClientConfig, request: DaytonaRequest<T>, received: Received): Answer<T> {
  const retryAfterMs = parseRetryAfter(received.headers ?? []);
  const failure = classify({
    status: received.status,
    body: received.body,
    phase: request.method === "GET" ? "read" : "write",
    secrets: [config.apiKey, ...(request.secrets ?? [])],
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  return { ok: false, failure };
}

async function send<T>(config: ClientConfig, request: DaytonaRequest<T>): Promise<Received> {
  const query = new URLSearchParams(request.query).toString();
  const timeoutMs = request.timeoutMs ?? (request.method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS);
  const headers: Record<string, string> = {
    authorization: `Bearer ${config.apiKey}`,
    accept: "application/json",
    "user-agent": "gentity",
    "x-daytona-sdk-version": SDK_VERSION,
  };
  if (request.body !== undefined) headers["content-type"] = "application/json";
  try {
    const response = await config.fetch(`${request.url}${query === "" ? "" : `?${query}`}`, {
      method: request.method,
      headers,
      signal: AbortSignal.timeout(timeoutMs),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    // Reading the body is part of the answer: a connection lost here leaves us knowing as little as a timeout does.
    return { status: response.status, headers: response.headers, body: parseBody(await response.text()) };
  } catch (error) {
    return { status: 0, body: reason(error, timeoutMs) };
  }
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
