import type { ProcessInfo } from "../runtime.ts";

/** A table, made by the engine with `ps`. */
export interface TopView {
  Titles: string[];
  Processes: string[][];
}

const KILOBYTE = 1024;

/** The numbers are those of the engine's computer, and of working directories it does not tell. */
export function parseProcesses({ Processes }: TopView): ProcessInfo[] {
  const [, ...own] = Processes;
  return own.map(([pid = "", rss = "", ...command]) => ({
    pid: Number(pid),
    command: command.join(" "),
    directory: "",
    rssBytes: Number(rss) * KILOBYTE,
  }));
}
