/** Times with their offset; whole hours are told of. */
export interface TrafficWindow {
  from?: string;
  to?: string;
}

export interface TrafficSum {
  requests: number;
  /** Of the requests, WebSockets that were handed through. */
  websockets: number;
  /** Of the requests, answered with 5xx, by the agent or in its place. */
  errors: number;
  /** By Content-Length: streams without one are not counted, nor is what went over WebSockets. */
  bytesIn: number;
  bytesOut: number;
}

export interface TrafficHour extends TrafficSum {
  /** Its beginning. */
  hour: string;
  /** Until the agent began to answer; null when it answered nothing. */
  latencyMs: { p50: number; p95: number; p99: number } | null;
}

/** What went through an instance's address. */
export interface Traffic {
  /** Every hour from `from` until just before `to`, newest first. */
  traffic: TrafficHour[];
  total: TrafficSum;
  from: string;
  to: string;
  /** The numbers are estimates, from a part of the requests. */
  sampled: boolean;
}
