import { formatDay } from "../../usage/day.ts";
import type { Ctx } from "../context.ts";
import { readUsage, type UsageInput, type UsageLine } from "./read.ts";

/** Rows that one query reads. */
const PAGE = 5_000;

const COLUMNS = {
  day: ({ day }) => (day === null ? "" : formatDay(day)),
  instanceId: ({ instanceId }) => instanceId ?? "",
  runningSeconds: ({ runningMs }) => runningMs / 1000,
  pausedSeconds: ({ pausedMs }) => pausedMs / 1000,
  volumeGbSeconds: ({ volumeGbMs }) => volumeGbMs / 1000,
  costMicros: ({ costMicros }) => costMicros,
  estimated: () => true,
  final: ({ final }) => final,
} satisfies Record<string, (line: UsageLine) => string | number | boolean>;

export const CSV_HEADERS = {
  "Content-Type": "text/csv; charset=utf-8; header=present",
  "Content-Disposition": 'attachment; filename="gentity-usage.csv"',
};

/**
 * All that the account used, as one CSV, read while it is sent. It holds only what we name ourselves: a name that a person
 * chose could be a formula to the spreadsheet. What is wrong with the request is thrown before anything is sent.
 */
export async function usageCsv(
  ctx: Ctx,
  input: Omit<UsageInput, "limit">,
): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  let page = await readUsage(ctx, { ...input, limit: PAGE });
  let isFirst = true;
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`${Object.keys(COLUMNS).join(",")}\r\n`)),
    async pull(controller) {
      if (!isFirst && page.nextCursor !== null) {
        page = await readUsage(ctx, { ...input, limit: PAGE, cursor: page.nextCursor });
      }
      isFirst = false;
      controller.enqueue(encoder.encode(page.lines.map(csvLine).join("")));
      if (page.nextCursor === null) {
        controller.close();
      }
    },
  });
}

function csvLine(line: UsageLine): string {
  return `${Object.values(COLUMNS)
    .map((column) => column(line))
    .join(",")}\r\n`;
}
