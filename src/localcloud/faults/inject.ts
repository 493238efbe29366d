import { setTimeout as sleep } from "node:timers/promises";
import type { MiddlewareHandler } from "hono";
import type { FlyCloud } from "../fly/engine/cloud.ts";
import {
  couldNotReserve,
  type FlyError,
  noCandidateHost,
  rateLimited,
  volumeHostFull,
} from "../fly/errors.ts";
import type { ApiContext, ApiEnv } from "../fly/routes/http.ts";
import type { ActiveRule, FaultRules } from "./rules.ts";

const DEFAULT_LATENCY_MS = 1000;
/** Longer than any client waits. */
const DEFAULT_TIMEOUT_MS = 120_000;
const MADE_UP_STATE = "hibernating";

/** How the vendor would answer this rule's status. */
function ordered(rule: ActiveRule): Response {
  const status = rule.status ?? 500;
  const error = status === 429 ? rateLimited().body : { error: "unknown: injected fault", status: "unknown" };
  return Response.json(rule.body ?? error, {
    status,
    headers: status === 429 ? { "retry-after": "1" } : {},
  });
}

/** The three documented forms: no host in the region, the volume's host is full, the machine's host is full. */
async function noRoom(c: ApiContext, status: number | undefined): Promise<FlyError> {
  const isCreate = /\/(machines|volumes)$/.test(c.req.path);
  const text = await c.req.text();
  const volume = text.match(/"volume"\s*:\s*"(vol_\w+)"/)?.[1];
  const form = status ?? (isCreate ? (volume ? 412 : 422) : 409);
  if (form === 412) return volumeHostFull(volume ?? "vol_unknown");
  return form === 409 ? couldNotReserve() : noCandidateHost();
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
async function disguise(c: ApiContext, state: string): Promise<void> {
  const answer = await c.res
    .clone()
    .json()
    .catch(() => undefined);
  const mask = (value: unknown): unknown =>
    value && typeof value === "object" && "instance_id" in value ? { ...value, state } : value;
  if (answer === undefined) return;
  c.res = Response.json(Array.isArray(answer) ? answer.map(mask) : mask(answer), { status: c.res.status });
}

export function injectFaults(rules: FaultRules, cloud: FlyCloud): MiddlewareHandler<ApiEnv> {
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
        return ordered({ ...rule, status: rule.status ?? 429 });
      case "error_before":
        return ordered(rule);
      case "error_after":
        await next();
        c.res = ordered(rule);
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
        throw await noRoom(c, rule.status);
      case "unknown_state":
        await next();
        await disguise(c, typeof rule.body === "string" ? rule.body : MADE_UP_STATE);
        return undefined;
      case "vanish":
        await cloud.vanish(c.req.path.match(/\/machines\/(\w+)/)?.[1] ?? "");
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
