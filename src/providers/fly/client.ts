/** HTTP to Fly: bearer, deadline, JSON, and every answer either a checked value or a classified failure. */
import type * as z from "zod";
import { classify, type Failure, type Operation, parseRetryAfter } from "./classify.ts";

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

interface Received {
  status: number;
  headers?: Headers;
  body: unknown;
}

export function createClient(config: ClientConfig): FlyClient {
  return {
    async call<T>(request: FlyRequest<T>): Promise<Answer<T>> {
      const received = await send(config, request);
      if (received.status >= 200 && received.status < 300) {
        const parsed = request.schema.safeParse(received.body);
        if (parsed.success) return { ok: true, value: parsed.data };
        const where = parsed.error.issues[0]?.path.join(".") ?? "";
        return fail(config, request, {
          ...received,
          status: 0,
          body: `an answer we cannot read, at "${where}"`,
        });
      }
      return fail(config, request, received);
    },
  };
}

function fail<T>(config: ClientConfig, request: FlyRequest<T>, received: Received): Answer<T> {
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

async function send<T>(config: ClientConfig, request: FlyRequest<T>): Promise<Received> {
  const query = new URLSearchParams(request.query).toString();
  const url = `${config.baseUrl}${request.path}${query === "" ? "" : `?${query}`}`;
  const timeoutMs = request.timeoutMs ?? (request.method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS);
  const headers: Record<string, string> = {
    authorization: `Bearer ${config.token}`,
    accept: "application/json",
    "user-agent": "gentity",
  };
  if (request.body !== undefined) headers["content-type"] = "application/json";
  try {
    const response = await config.fetch(url, {
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
