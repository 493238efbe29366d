import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import type { Spread } from "./numbers.ts";

/** One table of the output. */
export interface Section {
  title: string;
  /** The first row is the head. */
  rows: string[][];
  notes: string[];
  /** Everything measured, for `--json`. */
  samples: unknown;
}

export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function loadAverage(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
}

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return `${availableParallelism()} cores (${model}), Node ${process.version}, workerd ${workerdVersion()}`;
}

function workerdVersion(): string {
  const path = new URL("../../node_modules/workerd/package.json", import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

export function formatRatio({ median, low, high }: Spread): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

export function formatSection({ title, rows, notes }: Section): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    ),
  );
  return [
    title,
    ...lines.map((cells) => `  ${cells.join("  ")}`),
    ...notes.map((note) => `  · ${note}`),
    "",
  ].join("\n");
}
