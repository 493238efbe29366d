import { type Budget, readBudget } from "../account/budget.ts";
import { getAccount } from "../account/get.ts";
import type { Ctx } from "../context.ts";
import { rateCards } from "./rate-card.ts";
import { countedTo, type Grouping, readUsage, totalUsage, type Usage, type UsagePage } from "./read.ts";

export interface UsageOverview extends UsagePage {
  total: Usage;
  countedTo: number | null;
  budget: Budget | null;
  cards: ReturnType<typeof rateCards>;
}

/**
 * What somebody who looks at usage wants to know at once. Reads the account's daily rows of these days, once where they fit
 * on a page, and for the budget the periods of the month.
 */
export async function usageOverview(
  ctx: Ctx,
  input: { from: string; to: string; groupBy: Grouping; limit: number; cursor?: string },
): Promise<UsageOverview> {
  const account = getAccount(ctx).then((row) => readBudget(ctx, row));
  const [page, counted, budget] = await Promise.all([readUsage(ctx, input), countedTo(ctx), account]);
  const isWhole = page.nextCursor === null && input.cursor === undefined;
  const total = isWhole ? sum(page.lines) : await totalUsage(ctx, page.window, {});
  return { ...page, total, countedTo: counted, budget, cards: rateCards(ctx.now) };
}

function sum(lines: readonly Usage[]): Usage {
  const add = (key: keyof Usage) => lines.reduce((total, line) => total + line[key], 0);
  return {
    runningMs: add("runningMs"),
    pausedMs: add("pausedMs"),
    volumeGbMs: add("volumeGbMs"),
    costMicros: add("costMicros"),
  };
}
