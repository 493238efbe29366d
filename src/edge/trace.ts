import type { Env } from "../env.ts";
import { describeError, logEvent } from "../log.ts";
import { type TrafficRow, toDataPoint } from "../traffic/columns.ts";
import type { Route } from "./route.ts";

/** What one request came to; written once, as one analytics row. */
export interface Trace extends TrafficRow {
  outcome: "forwarded" | "notice" | "missed" | "blocked" | "denied" | "refused" | "failed";
  startedAt: number;
}

/** Of requests that no instance was found for. Not the name that was asked for: it may be somebody's secret, mistyped. */
const NO_INSTANCE = "-";
/** An isolate runs in one data centre, and reading a request's `cf` parses all of it. */
let colo: string | undefined;

export function beginTrace(request: Request): Trace {
  colo ??= typeof request.cf?.colo === "string" ? request.cf.colo : "-";
  return {
    instanceId: NO_INSTANCE,
    outcome: "failed",
    state: "",
    accountId: "",
    method: request.method,
    protocol: "http",
    colo,
    status: 500,
    firstByteMs: 0,
    bytesIn: 0,
    bytesOut: 0,
    startedAt: Date.now(),
  };
}

/** Whose request it is, as soon as that is known. */
export function traceRoute(trace: Trace, { instanceId, accountId, state }: Route): void {
  trace.instanceId = instanceId;
  trace.accountId = accountId;
  trace.state = state;
}

const SWITCHING_PROTOCOLS = 101;

/** What the answer's beginning tells. A body is not looked at, so what does not announce its length is not counted. */
export function traceAnswer(trace: Trace, request: Request, response: Response): void {
  const { status } = response;
  const { method } = trace;
  trace.status = status;
  if (status === SWITCHING_PROTOCOLS) {
    trace.protocol = "websocket";
    return;
  }
  if (method !== "GET" && method !== "HEAD") {
    trace.bytesIn = lengthOf(request.headers);
  }
  // Without a body the header tells of the one that a GET would have had.
  if (method !== "HEAD" && status !== 304) {
    trace.bytesOut = lengthOf(response.headers);
  }
}

function lengthOf(headers: Headers): number {
  const length = headers.get("Content-Length");
  return length === null ? 0 : Number(length) || 0;
}

/** Never fails the request that it tells of. */
export function writeTrace(env: Pick<Env, "EDGE_EVENTS">, trace: Trace): void {
  trace.firstByteMs = Date.now() - trace.startedAt;
  try {
    env.EDGE_EVENTS.writeDataPoint(toDataPoint(trace));
  } catch (error) {
    logEvent("edge.untraced", { level: "error", instanceId: trace.instanceId, cause: describeError(error) });
  }
}
