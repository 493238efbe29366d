import type { History } from "../../services/instances/history.ts";
import { dayOf, formatDay } from "../../usage/day.ts";
import { Timeline } from "../charts/timeline.tsx";
import { UsageBars } from "../charts/usage-bars.tsx";
import { Figures } from "../layout/lists.tsx";
import { EstimatedCost, formatDuration, Moment } from "../layout/parts.tsx";
import { instancePath } from "./paths.ts";
import type { InstanceView } from "./view.ts";

const RANGES = [
  [1, "24 h"],
  [7, "7 d"],
  [30, "30 d"],
] as const;
export type Days = (typeof RANGES)[number][0];

export function parseDays(text: string | undefined): Days {
  return RANGES.map(([days]) => days).find((days) => String(days) === text) ?? 1;
}

/** Which states it was in, and for how long. */
export function States({ view, history, days }: { view: InstanceView; history: History; days: Days }) {
  const { from, to, periods, isCut } = history;
  return (
    <section aria-labelledby="states-title" id="states">
      <h2 id="states-title">States</h2>
      <nav class="ranges" aria-label="How far back">
        {RANGES.map(([range, text]) => (
          <a
            href={`${instancePath(view.now.id)}?days=${range}#states`}
            aria-current={range === days ? "true" : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      <Timeline periods={periods} from={from} to={to} />
      {isCut ? (
        <p class="quiet">
          It changed its state more than {periods.length} times in this time; what was before is not drawn.
        </p>
      ) : null}
    </section>
  );
}

/** What it used by day, and what the last of them cost. */
export function Usage({ view: { now }, history }: { view: InstanceView; history: History }) {
  const last = history.usage.find(({ day }) => day === dayOf(history.to));
  const total = history.usage.reduce((sum, { costMicros }) => sum + costMicros, 0);
  const days = history.usage.map(({ day, runningMs, pausedMs, costMicros }) => ({
    day: formatDay(day),
    runningSeconds: runningMs / 1000,
    pausedSeconds: pausedMs / 1000,
    costMicros,
  }));
  return (
    <section aria-labelledby="usage-title" id="usage">
      <h2 id="usage-title">Usage</h2>
      <Figures
        rows={[
          [now.deletedAt === null ? "Today" : "Last day", <EstimatedCost micros={last?.costMicros ?? 0} />],
          ["Running, that day", formatDuration((last?.runningMs ?? 0) / 1000)],
          ["30 days", <EstimatedCost micros={total} />],
        ]}
      />
      <UsageBars days={days} />
      <p class="quiet">
        UTC days, up to <Moment at={history.to} />.{" "}
        <a href={instancePath(now.id, "usage.csv")} download={`gentity-usage-${now.id}.csv`}>
          Download all of it as CSV
        </a>
      </p>
    </section>
  );
}
