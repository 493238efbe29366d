/** The dataset that `EDGE_EVENTS` of wrangler.toml writes to: one row per request of the data path. */
export const DATASET = "gentity_edge";

/**
 * What a row holds, by position: `blob1` and on, `double1` and on. A place never changes its meaning, because rows are kept
 * for three months; what is new goes to the end. No address, path, query or header of anybody's stands in a row.
 */
export const BLOBS = [
  /** What became of the request. */
  "outcome",
  /** The instance's state when it was answered. */
  "state",
  /** Whose instance it was then, so that its past stays there when it is handed on. */
  "accountId",
  "method",
  /** `websocket` where one was handed through. */
  "protocol",
  /** The data centre that answered. */
  "colo",
] as const;
export const DOUBLES = [
  /** That was answered. */
  "status",
  /** Milliseconds until the answer began. */
  "firstByteMs",
  /** By the request's Content-Length; 0 where it says none. */
  "bytesIn",
  /** By the answer's Content-Length; 0 where it says none, as streams and WebSockets. */
  "bytesOut",
] as const;

type Blob = (typeof BLOBS)[number];
type Double = (typeof DOUBLES)[number];

/** One request. `instanceId` is the index, by which the platform samples: a busy one does not thin out the others. */
export type TrafficRow = { instanceId: string } & Record<Blob, string> & Record<Double, number>;

/** Its name in SQL. */
export function columnOf(name: keyof TrafficRow): string {
  if (name === "instanceId") {
    return "index1";
  }
  const blob = BLOBS.indexOf(name as Blob);
  return blob >= 0 ? `blob${blob + 1}` : `double${DOUBLES.indexOf(name as Double) + 1}`;
}

/** As the platform takes it. */
export function toDataPoint(row: TrafficRow): { indexes: string[]; blobs: string[]; doubles: number[] } {
  return {
    indexes: [row.instanceId],
    blobs: BLOBS.map((name) => row[name]),
    doubles: DOUBLES.map((name) => row[name]),
  };
}
