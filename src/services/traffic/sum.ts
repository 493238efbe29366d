import type { TrafficLine } from "../../traffic/query.ts";
import { HOUR_MS } from "./hours.ts";

export interface TrafficSum {
  requests: number;
  /** Of them, WebSockets that were handed through. */
  websockets: number;
  /** Of them, answered with 5xx: by the agent, or in its place. */
  errors: number;
  bytesIn: number;
  bytesOut: number;
}

export interface TrafficHour extends TrafficSum {
  /** Epoch milliseconds of its beginning. */
  hour: number;
  /** Until the agent began to answer, in milliseconds; null when it answered nothing. */
  latency: { p50: number; p95: number; p99: number } | null;
}

const NOTHING: TrafficSum = { requests: 0, websockets: 0, errors: 0, bytesIn: 0, bytesOut: 0 };

/** Every hour from `from` until just before `to`, newest first, also those in which nothing happened. */
export function hoursBetween(
  { from, to }: { from: number; to: number },
  lines: readonly TrafficLine[],
): TrafficHour[] {
  const byHour = Map.groupBy(lines, ({ hour }) => hour);
  const hours: TrafficHour[] = [];
  for (let hour = to - HOUR_MS; hour >= from; hour -= HOUR_MS) {
    const of = byHour.get(hour) ?? [];
    const answered = of.find(({ outcome }) => outcome === "forwarded");
    const latency = answered ? { p50: answered.p50, p95: answered.p95, p99: answered.p99 } : null;
    hours.push({ hour, ...sumOf(of), latency });
  }
  return hours;
}

export function sumOf(parts: readonly TrafficSum[]): TrafficSum {
  return parts.reduce<TrafficSum>(
    (sum, part) => ({
      requests: sum.requests + part.requests,
      websockets: sum.websockets + part.websockets,
      errors: sum.errors + part.errors,
      bytesIn: sum.bytesIn + part.bytesIn,
      bytesOut: sum.bytesOut + part.bytesOut,
    }),
    NOTHING,
  );
}
