import type { Env } from "../env.ts";

/** What one request came to; written once, as one analytics row. */
export interface Trace {
  subdomain: string;
  instanceId: string;
  outcome: "forwarded" | "notice" | "missed" | "blocked" | "denied" | "refused" | "failed";
  state: string;
  status: number;
  startedAt: number;
}

export function beginTrace(subdomain: string): Trace {
  return { subdomain, instanceId: "", outcome: "failed", state: "", status: 500, startedAt: Date.now() };
}

export function writeTrace(env: Env, trace: Trace): void {
  env.EDGE_EVENTS.writeDataPoint({
    // index1: the instance, so that one instance's traffic can be sampled fairly
    indexes: [trace.instanceId || trace.subdomain],
    // blob1: what became of it, blob2: the instance's state
    blobs: [trace.outcome, trace.state],
    // double1: the status that was answered, double2: milliseconds until the answer began
    doubles: [trace.status, Date.now() - trace.startedAt],
  });
}
