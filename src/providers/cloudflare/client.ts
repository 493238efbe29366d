/** HTTP to Cloudflare: bearer, deadline, envelope, and every answer either a checked value or a classified failure. */
import type * as z from "zod";
import { parseRetryAfter } from "../fly/classify.ts";
import { classify, type Failure } from "./classify.ts";
import { type CloudflareError, envelopeSchema } from "./schema.ts";

export interface CloudflareRequest<T> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  schema: z.ZodType<T>;
  /** Values in the body that no error text may repeat. */
  secrets?: readonly string[];
}

export type Answer<T> = { ok: true; value: T; total?: number } | { ok: false; failure: Failure };

export interface ClientConfig {
  apiUrl: string;
  token: string;
  fetch: typeof fetch;
  now: () => number;
}

export interface CloudflareClient {
  call<T>(request: CloudflareRequest<T>): Promise<Answer<T>>;
}

const READ_TIMEOUT_MS = 15_000;
const WRITE_TIMEOUT_MS = 30_000;

interface Received {
  status: number;
  headers?: Headers;
  errors: CloudflareError[];
  reason?: string;
  /** Only of an answer that says success. */
  result?: unknown;
  total?: number | undefined;
}

export function createClient(config: ClientConfig): CloudflareClient {
  return {
    async call<T>(request: CloudflareRequest<T>): Promise<Answer<T>> {
      const received = await send(config, request);
      if (received.status < 200 || received.status >= 300) return fail(config, request, received);
      const parsed = request.schema.safeParse(received.result);
      if (parsed.success) {
        const { total } = received;
        return { ok: true, value: parsed.data, ...(total === undefined ? {} : { total }) };
      }
      const where = parsed.error.issues[0]?.path.join(".") ?? "";
      return fail(config, request, { ...received, ...unreadable(`at "${where}"`) });
    },
  };
}

const unreadable = (where: string) => ({
  status: 0,
  errors: [],
  reason: `an answer we cannot read, ${where}`,
});

function fail<T>(config: ClientConfig, request: CloudflareRequest<T>, received: Received): Answer<T> {
  const { status, errors, reason, headers } = received;
  const retryAfterMs = parseRetryAfter(headers?.get("retry-after") ?? null, config.now());
  const rayId = headers?.get("cf-ray");
  const failure = classify({
    status,
    errors,
    phase: request.method === "GET" ? "read" : "write",
    secrets: [config.token, ...(request.secrets ?? [])],
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(rayId ? { rayId } : {}),
  });
  return { ok: false, failure };
}

async function send<T>(config: ClientConfig, request: CloudflareRequest<T>): Promise<Received> {
  const query = new URLSearchParams(request.query).toString();
  const url = `${config.apiUrl}${request.path}${query === "" ? "" : `?${query}`}`;
  const timeoutMs = request.method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS;
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
    return { headers: response.headers, ...open(response.status, await response.text()) };
  } catch (error) {
    return { status: 0, errors: [], reason: why(error, timeoutMs) };
  }
}

/** A refusal is told by `success` as well as by the status; what is in no envelope is not from the API. */
function open(status: number, text: string): Received {
  const isSuccess = status >= 200 && status < 300;
  const envelope = envelopeSchema.safeParse(parseJson(text));
  if (!envelope.success || (envelope.data.success ?? envelope.data.result) === undefined) {
    return isSuccess ? unreadable("without its envelope") : { status, errors: [], reason: text };
  }
  const { success, errors, result, result_info: info } = envelope.data;
  if (isSuccess && success === false) return { status: 400, errors };
  return { status, errors, result, total: info?.total_count };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function why(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error instanceof Error ? error.message : String(error)}${cause}`;
}
