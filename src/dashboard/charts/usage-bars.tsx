import { parseDay } from "../../usage/day.ts";
import { EstimatedCost, formatDuration } from "../layout/parts.tsx";
import { type Bar, type ChartDay, everyDay, layOutBars } from "./bars.ts";
import { fillOf, type Look, Patterns, Swatch } from "./looks.tsx";
import { shortDay } from "./ticks.ts";

const HEIGHT = 160;
const LABELS = 28;
const MEANING: readonly [Look, "runningSeconds" | "pausedSeconds", string][] = [
  ["running", "runningSeconds", "running"],
  ["asleep", "pausedSeconds", "paused (volume only)"],
];

interface UsageBarsProps {
  days: readonly ChartDay[];
  /** Where a page has two of them. */
  id?: string;
  /** False where the same numbers stand in a table of the page's own. */
  hasTable?: boolean;
}

/** Running and paused time by UTC day, stacked. Like the timeline it fits any screen. A page with it loads `charts.css`. */
export function UsageBars({ days, id = "usage", hasTable = true }: UsageBarsProps) {
  const all = everyDay(days);
  const { bars, xTicks, yTicks } = layOutBars(all, HEIGHT);
  const isEmpty = all.every(({ runningSeconds, pausedSeconds }) => runningSeconds + pausedSeconds === 0);
  return (
    <figure class="chart">
      <svg
        class="plot bars"
        width="100%"
        height={HEIGHT + LABELS}
        role="img"
        aria-labelledby={`${id}-title ${id}-about`}
      >
        <title id={`${id}-title`}>Usage by day</title>
        <desc id={`${id}-about`}>{summary(all)}</desc>
        <Patterns id={id} looks={MEANING.map(([look]) => look)} />
        {isEmpty ? null : <Scale ticks={yTicks} />}
        {bars.map((bar) => (
          <OneBar bar={bar} id={id} />
        ))}
        <line class="axis" x1="0" x2="100%" y1={HEIGHT} y2={HEIGHT} />
        {xTicks.map(({ x, label, isNarrow }) => (
          <g class={isNarrow ? "tick" : "tick wide"}>
            <text x={percent(x)} y={HEIGHT + 20} text-anchor="middle">
              {label}
            </text>
          </g>
        ))}
        {isEmpty ? (
          <text class="nothing" x="50%" y={HEIGHT / 2} text-anchor="middle">
            Nothing was used in this time.
          </text>
        ) : null}
      </svg>
      <figcaption>
        <ul class="legend">
          {MEANING.map(([look, key, name]) => (
            <li>
              <Swatch id={id} look={look} />
              {` ${name} `}
              <span class="quiet">{formatDuration(all.reduce((sum, day) => sum + day[key], 0))}</span>
            </li>
          ))}
          <li class="quiet">Days are UTC</li>
        </ul>
        {hasTable ? <DayTable days={all} /> : null}
      </figcaption>
    </figure>
  );
}

function Scale({ ticks }: { ticks: readonly { y: number; label: string }[] }) {
  return (
    <g class="scale">
      {ticks.map(({ y, label }) => (
        <>
          <line x1="0" x2="100%" y1={y} y2={y} />
          <text x="-8" y={y + 4} text-anchor="end">
            {label}
          </text>
        </>
      ))}
    </g>
  );
}

function OneBar({ bar, id }: { bar: Bar; id: string }) {
  const { day, x, width, running, paused } = bar;
  const place = { x: percent(x), width: percent(width) };
  const cost = `about $${(day.costMicros / 1e6).toFixed(4)} (estimated)`;
  const text = `${shortDay(parseDay(day.day))}: running ${formatDuration(day.runningSeconds)}, paused ${formatDuration(day.pausedSeconds)}, ${cost}`;
  return (
    <g>
      <title>{text}</title>
      <rect {...place} y={0} height={HEIGHT} class="hit" />
      {running.height > 0 ? (
        <rect {...place} {...box(running)} fill={fillOf(id, "running")} class="look-running" />
      ) : null}
      {paused.height > 0 ? (
        <rect {...place} {...box(paused)} fill={fillOf(id, "asleep")} class="look-asleep" />
      ) : null}
    </g>
  );
}

function DayTable({ days }: { days: readonly ChartDay[] }) {
  return (
    <details class="as-table">
      <summary>As a table</summary>
      {days.length === 0 ? (
        <p class="quiet">Nothing was used in this time.</p>
      ) : (
        <table>
          <caption>Newest first; days are UTC</caption>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col" class="number">
                Running
              </th>
              <th scope="col" class="number">
                Paused
              </th>
              <th scope="col" class="number">
                Cost
              </th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map(({ day, runningSeconds, pausedSeconds, costMicros }) => (
              <tr>
                <th scope="row">{day}</th>
                <td class="number">{formatDuration(runningSeconds)}</td>
                <td class="number">{formatDuration(pausedSeconds)}</td>
                <td class="number">
                  <EstimatedCost micros={costMicros} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function summary(days: readonly ChartDay[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) {
    return "Nothing was used in this time.";
  }
  const sum = (key: "runningSeconds" | "pausedSeconds") =>
    formatDuration(days.reduce((total, day) => total + day[key], 0));
  return `From ${first.day} to ${last.day} (UTC): running ${sum("runningSeconds")}, paused ${sum("pausedSeconds")}.`;
}

function box({ y, height }: { y: number; height: number }) {
  return { y: Number(y.toFixed(2)), height: Number(height.toFixed(2)) };
}

function percent(value: number): string {
  return `${Number(value.toFixed(4))}%`;
}
