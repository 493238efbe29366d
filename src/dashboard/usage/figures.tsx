import type { UsageOverview } from "../../services/usage/overview.ts";
import { EstimatedCost, formatDuration, Moment } from "../layout/parts.tsx";

const GB_HOUR = 3_600_000;

/** A volume's gigabytes times the hours they were held. */
export function formatGbHours(volumeGbMs: number): string {
  const hours = volumeGbMs / GB_HOUR;
  return `${hours.toLocaleString("en", { maximumFractionDigits: hours < 10 ? 2 : 0 })} GB-h`;
}

/** The sums of the page, and what is left of the budget. */
export function Figures({ usage: { total, budget, countedTo } }: { usage: UsageOverview }) {
  return (
    <>
      <dl class="figures">
        <div>
          <dt>Running</dt>
          <dd>{formatDuration(total.runningMs / 1000)}</dd>
        </div>
        <div>
          <dt>Paused</dt>
          <dd>{formatDuration(total.pausedMs / 1000)}</dd>
        </div>
        <div>
          <dt>Volumes</dt>
          <dd>{formatGbHours(total.volumeGbMs)}</dd>
        </div>
        <div>
          <dt>Estimated cost</dt>
          <dd>
            <EstimatedCost micros={total.costMicros} />
          </dd>
        </div>
        <BudgetLeft budget={budget} />
      </dl>
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
  return (
    <div>
      <dt>Budget left this month</dt>
      {budget === null ? (
        <dd class="quiet">no budget is set</dd>
      ) : (
        <dd>
          <EstimatedCost micros={budget.leftMicros} />
          <span class="about quiet">
            {` of $${(budget.limitMicros / 1e6).toFixed(2)} for compute; ${WHEN_SPENT[budget.action]}`}
          </span>
        </dd>
      )}
    </div>
  );
}
