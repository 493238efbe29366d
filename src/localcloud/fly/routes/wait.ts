import { Hono } from "hono";
import type { MachineActor } from "../engine/actor.ts";
import { deadlineExceeded, invalid, machineNotFound } from "../errors.ts";
import type { EventRecord } from "../records.ts";
import { isSettled } from "../states.ts";
import { type ApiEnv, list, param, type RouteContext } from "./http.ts";

const STATES = ["started", "stopped", "suspended", "destroyed", "failed", "settled"];
const DEFAULT_SECONDS = 60;

interface Wish {
  states: string[];
  timeoutMs: number;
  version?: string;
  fromEvent?: string;
  signal: AbortSignal;
}

interface Reached {
  state: string;
  event?: EventRecord;
}

function isWished(wish: Wish, state: string): boolean {
  return wish.states.includes(state) || (wish.states.includes("settled") && isSettled(state));
}

/** What was reached already: now, or since an event that the caller knows. */
function alreadyReached({ record }: MachineActor, wish: Wish): Reached | undefined {
  if (isWished(wish, record.state)) return { state: record.state, event: record.events[0] };
  if (!wish.fromEvent) return undefined;
  const known = record.events.findIndex(({ id }) => id === wish.fromEvent);
  const since = known === -1 ? [] : record.events.slice(0, known);
  const event = since.find(({ status }) => isWished(wish, status));
  return event && { state: event.status, event };
}

function waitFor(actor: MachineActor, wish: Wish): Promise<Reached> {
  const isVersion = () => !wish.version || wish.version === actor.record.instanceId;
  const now = isVersion() ? alreadyReached(actor, wish) : undefined;
  if (now) return Promise.resolve(now);
  // A machine that is gone reaches nothing any more.
  if (actor.record.state === "destroyed") return Promise.reject(machineNotFound());
  return new Promise((resolve, reject) => {
    const finish = (then: () => void) => {
      clearTimeout(timer);
      actor.journal.off("state", listen);
      wish.signal.removeEventListener("abort", abort);
      then();
    };
    const listen = (state: string, event: EventRecord | undefined) => {
      if (isVersion() && isWished(wish, state)) finish(() => resolve({ state, event }));
      else if (state === "destroyed") finish(() => reject(machineNotFound()));
    };
    const late = deadlineExceeded(`machine did not reach ${wish.states.join(" or ")}`);
    const timer = setTimeout(() => finish(() => reject(late)), wish.timeoutMs);
    const abort = () => finish(() => reject(late));
    actor.journal.on("state", listen);
    wish.signal.addEventListener("abort", abort);
  });
}

export function waitRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  routes.get("/apps/:app/machines/:machine/wait", async (c) => {
    const actor = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    const states = list(c, "state");
    const unknown = states.find((state) => !STATES.includes(state));
    if (unknown) throw invalid(`state: "${unknown}" is not one of ${STATES.join(", ")}`);
    const seconds = Number(c.req.query("timeout") ?? DEFAULT_SECONDS);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 60) {
      throw invalid("timeout: value must be inside range [1s, 1m0s]");
    }
    const version = c.req.query("version") ?? c.req.query("instance_id");
    const fromEvent = c.req.query("from_event_id");
    // A machine has been stopped before; only its version says which stop is meant.
    if (states.includes("stopped") && !version && !fromEvent) {
      throw invalid("instance_id: required when waiting for stopped");
    }
    const { state, event } = await waitFor(actor, {
      states: states.length > 0 ? states : ["started"],
      timeoutMs: seconds * 1000,
      version,
      fromEvent,
      signal: c.req.raw.signal,
    });
    return c.json({
      ok: true,
      state,
      version: actor.record.instanceId,
      ...(event ? { event_id: event.id } : {}),
    });
  });
  return routes;
}
