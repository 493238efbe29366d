import { setTimeout as sleep } from "node:timers/promises";
import type { MiddlewareHandler } from "hono";
import type { ApiContext, ApiEnv } from "../fly/routes/http.ts";
import type { ActiveRule, FaultRules } from "./rules.ts";

const DEFAULT_LATENCY_MS = 1000;
/** Longer than any client waits. */
const DEFAULT_TIMEOUT_MS = 120_000;
const MADE_UP_STATE = "hibernating";

/** What of a fault is the vendor's own. */
export interface FaultyVendor {
  /** Its words for an answer of this status. */
  errorBody(c: ApiContext, status: number): object;
  /** The header that says when to come again after a 429. */
  retryHeader: string;
  /** Its refusal of what there is no room for; `status` chooses where there is more than one. Thrown. */
  noRoom(c: ApiContext, status: number | undefined): Promise<Error>;
  /** The same part of an answer with another state, if it is a machine. */
  disguise(part: object, state: string): object;
  /** Loses the machine that the path is about. */
  vanish(path: string): Promise<void>;
}

/** How the vendor would answer this rule's status. */
function ordered(c: ApiContext, rule: ActiveRule, vendor: FaultyVendor): Response {
  const status = rule.status ?? 500;
  return Response.json(rule.body ?? vendor.errorBody(c, status), {
    status,
    headers: status === 429 ? { [vendor.retryHeader]: "1" } : {},
  });
}

/** Closes the connection without an answer, as a broken network does. */
function drop(c: ApiContext): Response {
  c.env.outgoing.destroy();
  return new Response(null, { headers: { "x-hono-already-sent": "true" } });
}

async function hold(c: ApiContext, ms: number): Promise<Response> {
  await sleep(ms, undefined, { signal: c.req.raw.signal, ref: false }).catch(() => {});
  return drop(c);
}

/** Every machine in the answer is in a state that nobody has heard of. */
async function disguise(c: ApiContext, state: string, vendor: FaultyVendor): Promise<void> {
  const answer = await c.res
    .clone()
    .json()
    .catch(() => undefined);
  const mask = (part: unknown): unknown =>
    part && typeof part === "object" ? vendor.disguise(part, state) : part;
  if (answer === undefined) return;
  c.res = Response.json(Array.isArray(answer) ? answer.map(mask) : mask(answer), { status: c.res.status });
}

export function injectFaults(rules: FaultRules, vendor: FaultyVendor): MiddlewareHandler<ApiEnv> {
  return async function faults(c, next): Promise<Response | undefined> {
    const rule = rules.strike(c.req.method, c.req.path);
    if (!rule) {
      await next();
      return undefined;
    }
    switch (rule.kind) {
      case "latency":
        await sleep(rule.ms ?? DEFAULT_LATENCY_MS);
        await next();
        return undefined;
      case "rate_limit":
        return ordered(c, { ...rule, status: rule.status ?? 429 }, vendor);
      case "error_before":
        return ordered(c, rule, vendor);
      case "error_after":
        await next();
        c.res = ordered(c, rule, vendor);
        return undefined;
      case "timeout_before":
        return hold(c, rule.ms ?? DEFAULT_TIMEOUT_MS);
      case "timeout_after":
        await next();
        c.res = await hold(c, rule.ms ?? DEFAULT_TIMEOUT_MS);
        return undefined;
      case "lost_answer":
        await next();
        c.res = drop(c);
        return undefined;
      case "capacity":
        throw await vendor.noRoom(c, rule.status);
      case "unknown_state":
        await next();
        await disguise(c, typeof rule.body === "string" ? rule.body : MADE_UP_STATE, vendor);
        return undefined;
      case "vanish":
        await vendor.vanish(c.req.path);
        await next();
        return undefined;
      case "stuck":
        c.set("fate", { stuck: true });
        await next();
        return undefined;
      default:
        rule.kind satisfies never;
    }
    return undefined;
  };
}
