import type { RateCard, Usage, UsageTotal } from "../sdk/index.ts";
import type { Output } from "./output.ts";
import { type Column, renderTable } from "./table.ts";
import { plain } from "./text.ts";
import { duration } from "./time.ts";

const QUANTITIES = ["RUNNING", "PAUSED", "VOLUME GB-H", "EST. COST"];

/** A table of usage, its total, and what kind of number the cost is. */
export function printUsage(
  out: Output,
  answer: { usage: readonly Usage[]; total: UsageTotal; rateCards: readonly RateCard[] },
): void {
  if (answer.usage.length === 0) {
    out.note("No usage in these days.");
    return;
  }
  const isByDay = answer.usage[0]?.day !== null;
  const columns: Column[] = [...(isByDay ? ["DAY"] : ["INSTANCE", "NAME"]), ...QUANTITIES].map((title) => ({
    title,
    shrinks: title === "NAME",
  }));
  const rows = answer.usage.map((row) => [
    ...(isByDay
      ? [`${row.day}${row.final ? "" : " (so far)"}`]
      : [row.instanceId ?? "", plain(row.name ?? "-")]),
    ...quantities(row),
  ]);
  rows.push([...(isByDay ? ["total"] : ["total", ""]), ...quantities(answer.total)]);
  const maxWidth = out.stdout.isTTY ? out.stdout.columns : undefined;
  for (const line of renderTable(columns, rows, { maxWidth, title: out.style.dim })) out.line(line);
  const cards = answer.rateCards.map((card) => `${plain(card.version)}, ${plain(card.source)}`).join("; ");
  out.note(`Costs are estimates by list prices (${cards}). Nothing is debited.`);
  const always = answer.rateCards
    .filter(({ billsWhileOff }) => billsWhileOff)
    .map(({ provider }) => provider);
  if (always.length > 0)
    out.note(`A stopped machine costs as much as a running one at: ${always.join(", ")}.`);
}

function quantities(usage: UsageTotal): string[] {
  return [
    duration(usage.runningSeconds * 1000),
    duration(usage.pausedSeconds * 1000),
    (usage.volumeGbSeconds / 3600).toFixed(2),
    dollars(usage.costMicros),
  ];
}

/** About, and so fine that an hour of the smallest machine is not nothing. */
function dollars(micros: number): string {
  return `~$${(micros / 1_000_000).toFixed(4)}`;
}
