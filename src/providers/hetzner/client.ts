/** HTTP to Hetzner: bearer, deadline, rate limit, JSON, and every answer either a checked value or a classified failure. */
import type * as z from "zod";
import { exchange, type HttpAnswer, parseRetryAfter, unreadable } from "../http.ts";
import { classify, type Failure } from "./classify.ts";
import { type Bucket, drain, fullBucket, learn, take, waitFor } from "./rate-limit.ts";

export interface HetznerRequest<T> {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  /** Pairs, since some names repeat. */
  query?: [string, string][];
  body?: unknown;
  schema: z.ZodType<T>;
  /** Values in the body that no error text may repeat. */
  secrets?: readonly string[];
}

export type Answer<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export interface ClientConfig {
  /** With its path: `https://api.hetzner.cloud/v1` */
  apiUrl: string;
  token: string;
  fetch: typeof fetch;
  now: () => number;
}

export interface HetznerClient {
  call<T>(request: HetznerRequest<T>): Promise<Answer<T>>;
}

const READ_TIMEOUT_MS = 15_000;
const WRITE_TIMEOUT_MS = 30_000;

/** The limit is the project's: every provider made in this isolate, for whichever request, spends from one bucket. */
const BUCKETS = new Map<string, Bucket>();

export function createClient(config: ClientConfig): HetznerClient {
  const project = `${config.apiUrl} ${config.token}`;
  return {
    async call<T>(request: HetznerRequest<T>): Promise<Answer<T>> {
      const { now } = config;
      const taken = take(BUCKETS.get(project) ?? fullBucket(now()), now());
      BUCKETS.set(project, taken.bucket);
      if (taken.waitMs > 0) return spent(taken.waitMs);
      const received = await send(config, request);
      const rateWaitMs = noteLimit(project, received, now());
      if (received.status < 200 || received.status >= 300) return fail(config, request, received, rateWaitMs);
      const parsed = request.schema.safeParse(received.body);
      if (parsed.success) return { ok: true, value: parsed.data };
      return fail(config, request, { status: 0, body: unreadable(parsed.error) });
    },
  };
}

/** Nothing was sent, so nothing can have happened. */
function spent(waitMs: number): Answer<never> {
  const cause = "The Hetzner project's rate limit is spent: 3,600 requests an hour, shared by all instances";
  return { ok: false, failure: { kind: "other", outcome: { type: "retry", afterMs: waitMs, cause } } };
}

/** How long to stay away, when the answer is that we asked too often. */
function noteLimit(project: string, { status, headers }: HttpAnswer, now: number): number | undefined {
  if (headers === undefined) return undefined;
  const before = BUCKETS.get(project) ?? fullBucket(now);
  const told = learn(
    before,
    {
      limit: headers.get("ratelimit-limit"),
      remaining: headers.get("ratelimit-remaining"),
      reset: headers.get("ratelimit-reset"),
    },
    now,
  );
  if (status !== 429) {
    BUCKETS.set(project, told);
    return undefined;
  }
  const empty = drain(told, now);
  const waitMs = parseRetryAfter(headers.get("retry-after"), now) ?? waitFor(empty);
  // A refusal with room left in the headers is about this one request; only an empty bucket holds up the others.
  BUCKETS.set(project, headers.get("ratelimit-remaining") === "0" ? empty : told);
  return waitMs;
}

function fail<T>(
  config: ClientConfig,
  request: HetznerRequest<T>,
  received: HttpAnswer,
  rateWaitMs?: number,
): Answer<T> {
  const requestId = received.headers?.get("x-correlation-id");
  const failure = classify({
    status: received.status,
    body: received.body,
    phase: request.method === "GET" ? "read" : "write",
    secrets: [config.token, ...(request.secrets ?? [])],
    ...(rateWaitMs === undefined ? {} : { rateWaitMs }),
    ...(requestId ? { requestId } : {}),
  });
  return { ok: false, failure };
}

function send<T>(config: ClientConfig, request: HetznerRequest<T>): Promise<HttpAnswer> {
  const { method, path, query, body } = request;
  const timeoutMs = method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS;
  const { token, apiUrl } = config;
  return exchange(config.fetch, { method, url: `${apiUrl}${path}`, token, query, body, timeoutMs });
}
