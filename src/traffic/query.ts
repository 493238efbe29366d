import * as z from "zod";
import { columnOf, DATASET } from "./columns.ts";

/** Whose rows, and from when until just before when: epoch milliseconds, whole hours. */
export interface TrafficFilter {
  instanceId: string;
  accountId: string;
  from: number;
  to: number;
}

/** One hour and one outcome: quantiles cannot be added up, so that what an agent answered must stand alone. */
export interface TrafficLine {
  /** Epoch milliseconds of its beginning. */
  hour: number;
  outcome: string;
  requests: number;
  websockets: number;
  errors: number;
  bytesIn: number;
  bytesOut: number;
  p50: number;
  p95: number;
  p99: number;
  /** The most requests that a single row stood for; 1: none was left out. */
  widest: number;
}

/** A month by hour and outcome stays below it. */
const MAX_LINES = 10_000;
const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 };

/**
 * Under load the platform keeps some rows for many, and each says for how many: everything is weighed by that.
 * @throws Error for an id that is none: there are no parameters to pass it by.
 */
export function trafficQuery({ instanceId, accountId, from, to }: TrafficFilter): string {
  const column = columnOf;
  const countIf = (condition: string) => `SUM(if(${condition}, _sample_interval, 0))`;
  const weighed = (name: Parameters<typeof columnOf>[0]) => `SUM(_sample_interval * ${column(name)})`;
  const quantiles = Object.entries(QUANTILES).map(
    ([name, level]) =>
      `quantileExactWeighted(${level})(${column("firstByteMs")}, _sample_interval) AS ${name}`,
  );
  return [
    "SELECT toUnixTimestamp(toStartOfInterval(timestamp, INTERVAL '1' HOUR)) AS hour",
    `, ${column("outcome")} AS outcome`,
    ", SUM(_sample_interval) AS requests",
    `, ${countIf(`${column("protocol")} = 'websocket'`)} AS websockets`,
    `, ${countIf(`${column("status")} >= 500`)} AS errors`,
    `, ${weighed("bytesIn")} AS bytes_in, ${weighed("bytesOut")} AS bytes_out`,
    `, ${quantiles.join(", ")}`,
    ", MAX(_sample_interval) AS widest",
    `FROM ${DATASET}`,
    `WHERE ${column("instanceId")} = ${quoted(instanceId)} AND ${column("accountId")} = ${quoted(accountId)}`,
    `AND timestamp >= toDateTime(${from / 1000}) AND timestamp < toDateTime(${to / 1000})`,
    `GROUP BY hour, outcome ORDER BY hour DESC, outcome LIMIT ${MAX_LINES} FORMAT JSON`,
  ].join(" ");
}

function quoted(id: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
    throw new Error("an id that is none cannot be asked for");
  }
  return `'${id}'`;
}

/** Numbers of 64 bits come in quotes. */
const number = z.coerce.number();

export const trafficLines = z.array(
  z
    .looseObject({
      hour: number,
      outcome: z.string(),
      requests: number,
      websockets: number,
      errors: number,
      bytes_in: number,
      bytes_out: number,
      p50: number,
      p95: number,
      p99: number,
      widest: number,
    })
    .transform(
      ({ hour, bytes_in, bytes_out, ...line }): TrafficLine => ({
        hour: hour * 1000,
        outcome: line.outcome,
        requests: line.requests,
        websockets: line.websockets,
        errors: line.errors,
        bytesIn: bytes_in,
        bytesOut: bytes_out,
        p50: line.p50,
        p95: line.p95,
        p99: line.p99,
        widest: line.widest,
      }),
    ),
);
