/** One state of an instance, from `startedAt` up to but without `endedAt`; null while it lasts. */
export interface ChartPeriod {
  state: string;
  startedAt: number;
  endedAt: number | null;
}

/** A stretch of the band; together they fill it without a gap. State null: there is no record of this time. */
export interface Segment {
  state: string | null;
  from: number;
  to: number;
  /** How many periods it stands for: what is too narrow to be seen is drawn with its neighbors. */
  periods: number;
}

/** More cannot be told apart, and the page would grow with them. */
const MAX_SEGMENTS = 400;

/** The periods of one instance as one band from `from` to `to`. An open one ends where the next begins, or with the band. */
export function toSegments(periods: readonly ChartPeriod[], from: number, to: number): Segment[] {
  const sorted = periods.toSorted((a, b) => a.startedAt - b.startedAt);
  const segments: Segment[] = [];
  let end = from;
  for (const [index, { state, startedAt, endedAt }] of sorted.entries()) {
    const next = sorted[index + 1]?.startedAt ?? to;
    const start = Math.max(startedAt, end);
    const stop = Math.min(endedAt ?? next, to);
    if (stop <= start) {
      continue;
    }
    if (start > end) {
      segments.push({ state: null, from: end, to: start, periods: 0 });
    }
    segments.push({ state, from: start, to: stop, periods: 1 });
    end = stop;
  }
  if (end < to) {
    segments.push({ state: null, from: end, to, periods: 0 });
  }
  return segments.length > MAX_SEGMENTS ? condense(segments, (to - from) / MAX_SEGMENTS) : segments;
}

/** Joins neighbors until each is at least so long; such a stretch shows the state that took most of it. */
function condense(segments: readonly Segment[], least: number): Segment[] {
  const joined: Segment[] = [];
  let group: Segment[] = [];
  const close = () => {
    const [first, last] = [group[0], group.at(-1)];
    if (first && last) {
      const periods = group.reduce((sum, each) => sum + each.periods, 0);
      joined.push({ state: mostly(group), from: first.from, to: last.to, periods });
    }
    group = [];
  };
  for (const segment of segments) {
    if (segment.to - segment.from >= least) {
      close();
      joined.push(segment);
      continue;
    }
    group.push(segment);
    if (segment.to - (group[0]?.from ?? segment.from) >= least) {
      close();
    }
  }
  close();
  return joined;
}

function mostly(segments: readonly Segment[]): string | null {
  const sums = sumByState(segments);
  return [...sums].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/** How long each state lasted, in milliseconds. */
export function sumByState(segments: readonly Segment[]): Map<string | null, number> {
  const sums = new Map<string | null, number>();
  for (const { state, from, to } of segments) {
    sums.set(state, (sums.get(state) ?? 0) + to - from);
  }
  return sums;
}
