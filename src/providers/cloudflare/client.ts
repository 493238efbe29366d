/** HTTP to Cloudflare: bearer, deadline, envelope, and every answer either a checked value or a classified failure. */
import type * as z from "zod";
import { exchange, type HttpAnswer, parseRetryAfter, unreadable } from "../http.ts";
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
      return fail(config, request, { ...received, ...unknown(unreadable(parsed.error)) });
    },
  };
}

const unknown = (reason: string) => ({ status: 0, errors: [], reason });

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
  const { method, path, query, body } = request;
  const timeoutMs = method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS;
  const { token, apiUrl } = config;
  const call = { method, url: `${apiUrl}${path}`, token, query, body, timeoutMs };
  const answer = await exchange(config.fetch, call);
  return { ...(answer.headers && { headers: answer.headers }), ...open(answer) };
}

/** A refusal is told by `success` as well as by the status; what is in no envelope is not from the API. */
function open({ status, body }: HttpAnswer): Received {
  const isSuccess = status >= 200 && status < 300;
  const envelope = envelopeSchema.safeParse(body);
  if (!envelope.success || (envelope.data.success ?? envelope.data.result) === undefined) {
    const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
    return isSuccess
      ? unknown("an answer we cannot read, without its envelope")
      : { status, errors: [], reason: text };
  }
  const { success, errors, result, result_info: info } = envelope.data;
  if (isSuccess && success === false) return { status: 400, errors };
  return { status, errors, result, total: info?.total_count };
}
