/** HTTP to Daytona: bearer, deadline, JSON, and every answer either a checked value or a classified failure. */
import type * as z from "zod";
import { exchange, type HttpAnswer, unreadable } from "../http.ts";
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

export function createClient(config: ClientConfig): DaytonaClient {
  return {
    async call<T>(request: DaytonaRequest<T>): Promise<Answer<T>> {
      const received = await send(config, request);
      if (received.status < 200 || received.status >= 300) return fail(config, request, received);
      const parsed = request.schema.safeParse(received.body);
      if (parsed.success) return { ok: true, value: parsed.data };
      return fail(config, request, { status: 0, body: unreadable(parsed.error) });
    },
  };
}

function fail<T>(config: ClientConfig, request: DaytonaRequest<T>, received: HttpAnswer): Answer<T> {
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

function send<T>(config: ClientConfig, request: DaytonaRequest<T>): Promise<HttpAnswer> {
  const { method, url, query, body } = request;
  const timeoutMs = request.timeoutMs ?? (method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS);
  const headers = { "x-daytona-sdk-version": SDK_VERSION };
  return exchange(config.fetch, { method, url, token: config.apiKey, query, headers, body, timeoutMs });
}
