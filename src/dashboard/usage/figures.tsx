import type { UsageOverview } from "../../services/usage/overview.ts";
import { Figures } from "../layout/lists.tsx";
import { EstimatedCost, formatDuration, Moment } from "../layout/parts.tsx";

const GB_HOUR = 3_600_000;

/** A volume's gigabytes times the hours they were held. */
export function formatGbHours(volumeGbMs: number): string {
  const hours = volumeGbMs / GB_HOUR;
  return `${hours.toLocaleString("en", { maximumFractionDigits: hours < 10 ? 2 : 0 })} GB-h`;
}

/** The sums of the page, and what is left of the budget. */
export function Sums({ usage: { total, budget, countedTo } }: { usage: UsageOverview }) {
  return (
    <>
      <Figures
        rows={[
          ["Running", formatDuration(total.runningMs / 1000)],
          ["Paused", formatDuration(total.pausedMs / 1000)],
          ["Volumes", formatGbHours(total.volumeGbMs)],
          ["Estimated cost", <EstimatedCost micros={total.costMicros} />],
          ["Budget left this month", <BudgetLeft budget={budget} />],
        ]}
      />
      <p class="quiet">
        {countedTo === null ? (
          "Nothing has been counted yet: the first count is within the hour."
        ) : (
          <>
            Counted up to <Moment at={countedTo} />, and again every hour.
          </>
        )}
      </p>
    </>
  );
}

const WHEN_SPENT = {
  warn: "when it is spent, nothing is stopped",
  refuse: "when it is spent, nothing more is started",
  suspend: "when it is spent, what runs is suspended",
} as const;

function BudgetLeft({ budget }: Pick<UsageOverview, "budget">) {
  return budget === null ? (
    <small>no budget is set</small>
  ) : (
    <>
      <EstimatedCost micros={budget.leftMicros} />
      <small class="under">
        {`of $${(budget.limitMicros / 1e6).toFixed(2)} for compute; ${WHEN_SPENT[budget.action]}`}
      </small>
    </>
  );
}
