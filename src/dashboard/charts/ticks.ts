import { scaleUtc } from "d3-scale";
import { DAY_MS } from "../../usage/day.ts";

/** Of what a chart is wide, so much must lie between two labels: on a wide screen, and on a phone. */
const GAP_PERCENT = 8;
const NARROW_GAP_PERCENT = 19;
/** A label this near to an edge would stand over it. */
const EDGE_PERCENT = 2;

export interface Tick {
  /** Where it stands, in percent of the width. */
  x: number;
  label: string;
  /** Has room on a phone, too. */
  isNarrow: boolean;
}

/** Marks on a time axis in UTC, as many as can be read beside each other. */
export function timeTicks(from: number, to: number): Tick[] {
  const scale = scaleUtc([from, to], [0, 100]);
  const isShort = to - from <= 2 * DAY_MS;
  const moments = scale.ticks(12).map((date) => ({
    x: scale(date),
    label: isShort && date.getTime() % DAY_MS !== 0 ? clock(date) : shortDay(date.getTime()),
  }));
  return thin(moments.filter(({ x }) => x >= EDGE_PERCENT && x <= 100 - EDGE_PERCENT));
}

/** Those of the marks that can be read beside each other, from the left. */
export function thin(marks: readonly { x: number; label: string }[]): Tick[] {
  const ticks: Tick[] = [];
  let last = Number.NEGATIVE_INFINITY;
  let lastNarrow = Number.NEGATIVE_INFINITY;
  for (const { x, label } of marks) {
    if (x - last >= GAP_PERCENT) {
      const isNarrow = x - lastNarrow >= NARROW_GAP_PERCENT;
      ticks.push({ x, label, isNarrow });
      last = x;
      lastNarrow = isNarrow ? x : lastNarrow;
    }
  }
  return ticks;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `20 Nov`, of a moment in UTC. */
export function shortDay(at: number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

function clock(date: Date): string {
  return date.toISOString().slice(11, 16);
}
