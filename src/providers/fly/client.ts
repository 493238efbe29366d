/** HTTP to Fly: bearer, deadline, JSON, and every answer either a checked value or a classified failure. */
import type * as z from "zod";
import { exchange, type HttpAnswer, parseRetryAfter, unreadable } from "../http.ts";
import { classify, type Failure, type Operation } from "./classify.ts";

export interface FlyRequest<T> {
  method: "GET" | "POST" | "DELETE";
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  schema: z.ZodType<T>;
  timeoutMs?: number;
  operation?: Operation;
  /** Values in the body that no error text may repeat. */
  secrets?: readonly string[];
}

export type Answer<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export interface ClientConfig {
  baseUrl: string;
  token: string;
  fetch: typeof fetch;
  now: () => number;
}

export interface FlyClient {
  call<T>(request: FlyRequest<T>): Promise<Answer<T>>;
}

const READ_TIMEOUT_MS = 15_000;
/** Creating a machine answers only when a host was found and the image looked up. */
const WRITE_TIMEOUT_MS = 45_000;

export function createClient(config: ClientConfig): FlyClient {
  return {
    async call<T>(request: FlyRequest<T>): Promise<Answer<T>> {
      const received = await send(config, request);
      if (received.status >= 200 && received.status < 300) {
        const parsed = request.schema.safeParse(received.body);
        if (parsed.success) return { ok: true, value: parsed.data };
        return fail(config, request, { ...received, status: 0, body: unreadable(parsed.error) });
      }
      return fail(config, request, received);
    },
  };
}

function fail<T>(config: ClientConfig, request: FlyRequest<T>, received: HttpAnswer): Answer<T> {
  const retryAfterMs = parseRetryAfter(received.headers?.get("retry-after") ?? null, config.now());
  const requestId = received.headers?.get("fly-request-id");
  const failure = classify({
    status: received.status,
    body: received.body,
    phase: request.method === "GET" ? "read" : "write",
    operation: request.operation ?? "other",
    secrets: [config.token, ...(request.secrets ?? [])],
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(requestId ? { requestId } : {}),
  });
  return { ok: false, failure };
}

function send<T>(config: ClientConfig, request: FlyRequest<T>): Promise<HttpAnswer> {
  const { method, path, query, body } = request;
  const timeoutMs = request.timeoutMs ?? (method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS);
  const { token, baseUrl } = config;
  return exchange(config.fetch, { method, url: `${baseUrl}${path}`, token, query, body, timeoutMs });
}
