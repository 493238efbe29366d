import type { Traffic, TrafficHour, TrafficSum } from "../sdk/index.ts";
import type { Output } from "./output.ts";
import { renderTable } from "./table.ts";

const TITLES = ["HOUR (UTC)", "REQUESTS", "", "WS", "ERRORS", "IN", "OUT", "P50", "P95", "P99"];
const COLUMNS = TITLES.map((title) => ({ title }));
const BAR_WIDTH = 16;
const PARTS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A line for each hour in which something happened, its requests as a bar, and the sum. */
export function printTraffic(out: Output, { traffic, total, sampled }: Traffic): void {
  const busy = traffic.filter(({ requests }) => requests > 0);
  if (busy.length === 0) {
    out.note("No requests in this time.");
    return;
  }
  const most = Math.max(...busy.map(({ requests }) => requests));
  const rows = busy.map((hour) => [
    hour.hour.slice(0, 16).replace("T", " "),
    String(hour.requests),
    bar(hour.requests / most),
    ...restOf(hour),
    ...latencyOf(hour),
  ]);
  rows.push(["total", String(total.requests), "", ...restOf(total)]);
  for (const line of renderTable(COLUMNS, rows, { title: out.style.dim })) out.line(line);
  const quiet = traffic.length - busy.length;
  if (quiet > 0) out.note(`Nothing in the other ${quiet === 1 ? "hour" : `${quiet} hours`} of this time.`);
  out.note("Bytes are those that requests and answers announce: streams without a length are not counted.");
  if (sampled) out.note("So much that these are estimates, from a part of the requests.");
}

function restOf({ websockets, errors, bytesIn, bytesOut }: TrafficSum): string[] {
  return [String(websockets), String(errors), bytes(bytesIn), bytes(bytesOut)];
}

function latencyOf({ latencyMs }: TrafficHour): string[] {
  if (latencyMs === null) return ["-", "-", "-"];
  return [latencyMs.p50, latencyMs.p95, latencyMs.p99].map((ms) => `${Math.round(ms)} ms`);
}

/** In eighths of a character; what is there at all shows. */
function bar(share: number): string {
  const eighths = Math.max(1, Math.round(share * BAR_WIDTH * 8));
  return "█".repeat(Math.floor(eighths / 8)) + PARTS[eighths % 8];
}

function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = count < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${power === 0 ? count : value.toFixed(1)} ${units[power]}`;
}
