import type { UsageLine, UsagePage } from "../../services/usage/read.ts";
import { toUsage } from "./schema.ts";

const COLUMNS = [
  "day",
  "instanceId",
  "runningSeconds",
  "pausedSeconds",
  "volumeGbSeconds",
  "costMicros",
  "estimated",
  "final",
] as const;

/**
 * All pages as one CSV, read while it is sent. It holds only what we name ourselves: a name that a person chose could be
 * a formula to the spreadsheet.
 */
export function csvResponse(readPage: (cursor?: string) => Promise<UsagePage>): Response {
  const encoder = new TextEncoder();
  let cursor: string | null | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(`${COLUMNS.join(",")}\r\n`)),
    async pull(controller) {
      const page = await readPage(cursor ?? undefined);
      controller.enqueue(encoder.encode(page.lines.map(csvLine).join("")));
      cursor = page.nextCursor;
      if (cursor === null) {
        controller.close();
      }
    },
  });
  return new Response(body, {
    headers: {
      "Content-Type": "text/csv; charset=utf-8; header=present",
      "Content-Disposition": 'attachment; filename="gentity-usage.csv"',
    },
  });
}

function csvLine(line: UsageLine): string {
  const usage = toUsage(line);
  return `${COLUMNS.map((column) => usage[column] ?? "").join(",")}\r\n`;
}
