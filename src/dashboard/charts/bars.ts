import { scaleBand, scaleLinear } from "d3-scale";
import { stack } from "d3-shape";
import { DAY_MS, formatDay, parseDay } from "../../usage/day.ts";
import { shortDay, type Tick, thin } from "./ticks.ts";

/** What was used on one UTC day, `2026-11-20`. */
export interface ChartDay {
  day: string;
  runningSeconds: number;
  pausedSeconds: number;
  costMicros: number;
}

export interface Bar {
  day: ChartDay;
  /** In percent of the width. */
  x: number;
  width: number;
  /** From the top, in pixels: paused stands on running. */
  running: { y: number; height: number };
  paused: { y: number; height: number };
}

export interface BarChart {
  bars: Bar[];
  xTicks: Tick[];
  yTicks: { y: number; label: string }[];
}

const HOUR = 3600;

/** Every day from the first to the last one, oldest first; a day of which nothing is known is an empty one. */
export function everyDay(days: readonly ChartDay[]): ChartDay[] {
  const byDay = new Map(days.map((each) => [each.day, each]));
  const sorted = [...byDay.keys()].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) {
    return [];
  }
  const all: ChartDay[] = [];
  for (let at = parseDay(first); at <= parseDay(last); at += DAY_MS) {
    const day = formatDay(at);
    all.push(byDay.get(day) ?? { day, runningSeconds: 0, pausedSeconds: 0, costMicros: 0 });
  }
  return all;
}

/** Running and paused time as bars, one a day, `height` pixels high. */
export function layOutBars(days: readonly ChartDay[], height: number): BarChart {
  const all = everyDay(days);
  const x = scaleBand(
    all.map(({ day }) => day),
    [0, 100],
  ).padding(all.length > 60 ? 0 : 0.2);
  const highest = Math.max(0, ...all.map((each) => each.runningSeconds + each.pausedSeconds));
  const unit = highest > 2 * HOUR ? HOUR : 60;
  const y = scaleLinear([0, Math.max(1, highest / unit)], [height, 0]).nice(4);
  // A day of one instance is read by its quarters.
  const isDay = unit === HOUR && highest > 12 * HOUR && highest <= 24 * HOUR;
  const values = isDay ? [0, 6, 12, 18, 24] : y.ticks(4);
  y.domain(isDay ? [0, 24] : y.domain());
  const [running = [], paused = []] = stack<ChartDay>()
    .keys(["runningSeconds", "pausedSeconds"])
    .value((each, key) => (key === "runningSeconds" ? each.runningSeconds : each.pausedSeconds) / unit)(all);
  const bars = all.map((day, index) => ({
    day,
    x: x(day.day) ?? 0,
    width: x.bandwidth(),
    running: toBox(y, running[index]),
    paused: toBox(y, paused[index]),
  }));
  const middles = bars.map((bar) => ({ x: bar.x + bar.width / 2, label: shortDay(parseDay(bar.day.day)) }));
  const yTicks = values.map((value) => ({
    y: y(value),
    label: `${value.toLocaleString("en")} ${unit === HOUR ? "h" : "min"}`,
  }));
  return { bars, xTicks: thin(middles), yTicks };
}

function toBox(y: (value: number) => number, [low, high]: ArrayLike<number> & Iterable<number> = [0, 0]) {
  return { y: y(high ?? 0), height: y(low ?? 0) - y(high ?? 0) };
}
