import { formatDuration } from "../layout/parts.tsx";
import { fillOf, LOOK_NAMES, LOOKS, type Look, lookOf, Patterns, Swatch } from "./looks.tsx";
import { type ChartPeriod, type Segment, sumByState, toSegments } from "./segments.ts";
import { timeTicks } from "./ticks.ts";

const BAND = 44;
const HEIGHT = 76;
/** Rows of the table; the newest are shown, and how many are not. */
const MAX_ROWS = 100;

interface TimelineProps {
  periods: readonly ChartPeriod[];
  /** Half-open, as periods are. What is still open lasts until `to`. */
  from: number;
  to: number;
  /** Where a page has two of them. */
  id?: string;
}

/**
 * The states of one instance over time as one band. It has no measure of its own: places are percent of its width, so that
 * it fits any screen while its letters stay as large as all others. A page with it loads `charts.css`.
 */
export function Timeline({ periods, from, to, id = "timeline" }: TimelineProps) {
  const segments = toSegments(periods, from, to);
  const known = segments.filter(({ state }) => state !== null);
  const looks = LOOKS.filter((look) => segments.some(({ state }) => lookOf(state) === look));
  return (
    <figure class="chart">
      <svg
        class="plot band"
        width="100%"
        height={HEIGHT}
        role="img"
        aria-labelledby={`${id}-title ${id}-about`}
      >
        <title id={`${id}-title`}>States over time</title>
        <desc id={`${id}-about`}>{summary(segments, from, to)}</desc>
        <Patterns id={id} looks={looks} />
        <Band segments={segments} from={from} to={to} id={id} />
        {timeTicks(from, to).map(({ x, label, isNarrow }) => (
          <g class={isNarrow ? "tick" : "tick wide"}>
            <line x1={percent(x)} x2={percent(x)} y1={BAND} y2={BAND + 6} />
            <text x={percent(x)} y={BAND + 22} text-anchor="middle">
              {label}
            </text>
          </g>
        ))}
        {known.length === 0 ? (
          <text class="nothing" x="50%" y={BAND / 2 + 5} text-anchor="middle">
            Nothing is recorded in this time.
          </text>
        ) : null}
      </svg>
      <figcaption>
        <Legend segments={segments} looks={looks} id={id} />
        <PeriodTable periods={periods} from={from} to={to} />
      </figcaption>
    </figure>
  );
}

function Band({ segments, from, to, id }: { segments: Segment[]; from: number; to: number; id: string }) {
  const place = (at: number) => ((at - from) / (to - from)) * 100;
  return (
    <g>
      {segments.map((segment) => {
        const look = lookOf(segment.state);
        const x = place(segment.from);
        return (
          <rect
            x={percent(x)}
            y={0}
            width={percent(place(segment.to) - x)}
            height={BAND}
            fill={fillOf(id, look)}
            class={`look-${look}`}
          >
            <title>{describe(segment)}</title>
          </rect>
        );
      })}
    </g>
  );
}

function Legend({ segments, looks, id }: { segments: Segment[]; looks: readonly Look[]; id: string }) {
  const sums = new Map<Look, number>();
  for (const [state, ms] of sumByState(segments)) {
    sums.set(lookOf(state), (sums.get(lookOf(state)) ?? 0) + ms);
  }
  return (
    <ul class="legend">
      {looks.map((look) => (
        <li>
          <Swatch id={id} look={look} />
          {` ${LOOK_NAMES[look]} `}
          <span class="quiet">{formatDuration((sums.get(look) ?? 0) / 1000)}</span>
        </li>
      ))}
      <li class="quiet">Times are UTC</li>
    </ul>
  );
}

function PeriodTable({ periods, from, to }: Omit<TimelineProps, "id">) {
  const inside = periods
    .filter(({ startedAt, endedAt }) => startedAt < to && (endedAt ?? to) > from)
    .toSorted((a, b) => b.startedAt - a.startedAt);
  const rows = inside.slice(0, MAX_ROWS);
  return (
    <details class="as-table">
      <summary>As a table</summary>
      {rows.length === 0 ? (
        <p class="quiet">Nothing is recorded in this time.</p>
      ) : (
        <table>
          <caption>
            {rows.length < inside.length
              ? `The newest ${rows.length} of ${inside.length} periods, in UTC`
              : "Newest first, in UTC"}
          </caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">From</th>
              <th scope="col">Until</th>
              <th scope="col" class="number">
                For
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ state, startedAt, endedAt }) => (
              <tr>
                <th scope="row">{state}</th>
                <td>{utc(startedAt)}</td>
                <td>{endedAt === null ? "still" : utc(endedAt)}</td>
                <td class="number">{formatDuration(((endedAt ?? to) - startedAt) / 1000)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function summary(segments: readonly Segment[], from: number, to: number): string {
  const sums = [...sumByState(segments)].filter(([state]) => state !== null);
  const parts = sums.map(([state, ms]) => `${state} for ${formatDuration(ms / 1000)}`);
  const what = parts.length === 0 ? "nothing is recorded" : parts.join(", ");
  return `From ${utc(from)} to ${utc(to)} UTC: ${what}.`;
}

function describe({ state, from, to, periods }: Segment): string {
  const what = periods > 1 ? `${periods} periods, mostly ${state ?? "unknown"}` : (state ?? "no record");
  return `${what}, ${utc(from)} to ${utc(to)} UTC, ${formatDuration((to - from) / 1000)}`;
}

function utc(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

function percent(value: number): string {
  return `${Number(value.toFixed(4))}%`;
}
