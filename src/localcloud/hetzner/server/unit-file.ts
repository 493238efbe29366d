/** Unit files, as much of them as services here need. */
import { splitWords } from "../../fly/words.ts";

export interface UnitSpec {
  startBefore: { argv: string[]; mayFail: boolean }[];
  argv: string[];
  environment: Record<string, string>;
  environmentFiles: { path: string; mayBeMissing: boolean }[];
  workingDirectory?: string;
  type: string;
  restart: string;
  restartMs: number;
  stopMs: number;
  stopSignal: NodeJS.Signals;
  /** Only the main process is ended by a stop, not what it started. */
  killsMainOnly: boolean;
  wantedBy: string[];
}

const DEFAULT_RESTART_MS = 100;
const DEFAULT_STOP_MS = 10_000;
/** In front of a command: `-` means that it may fail; the others are about rights, which all processes share here. */
const PREFIXES = /^[-@:+!|]+/;

export function parseUnit(text: string): UnitSpec {
  const values = settings(text);
  const all = (name: string) => values.get(name) ?? [];
  const last = (name: string) => all(name).at(-1);
  const [command] = all("Service.ExecStart").slice(-1).map(commandOf);
  return {
    startBefore: all("Service.ExecStartPre").map(commandOf),
    argv: command?.argv ?? [],
    environment: Object.fromEntries(all("Service.Environment").flatMap(splitWords).map(assignment)),
    environmentFiles: all("Service.EnvironmentFile").map((path) => ({
      path: path.replace(/^-/, ""),
      mayBeMissing: path.startsWith("-"),
    })),
    workingDirectory: last("Service.WorkingDirectory")?.replace(/^-/, ""),
    type: last("Service.Type") ?? "simple",
    restart: last("Service.Restart") ?? "no",
    restartMs: milliseconds(last("Service.RestartSec")) ?? DEFAULT_RESTART_MS,
    stopMs: milliseconds(last("Service.TimeoutStopSec")) ?? DEFAULT_STOP_MS,
    stopSignal: (last("Service.KillSignal") as NodeJS.Signals | undefined) ?? "SIGTERM",
    killsMainOnly: last("Service.KillMode") === "process",
    wantedBy: all("Install.WantedBy").flatMap(splitWords),
  };
}

/** By section and name. An empty value takes back what was said before it. */
function settings(text: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  let section = "";
  for (const line of text
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((raw) => raw.trim())) {
    const header = line.match(/^\[(.+)\]$/)?.[1];
    if (header !== undefined) section = header;
    const [, name, value = ""] = line.match(/^([A-Za-z]+)\s*=\s*(.*)$/) ?? [];
    if (name === undefined) continue;
    const key = `${section}.${name}`;
    values.set(key, value === "" ? [] : [...(values.get(key) ?? []), value]);
  }
  return values;
}

function commandOf(line: string): { argv: string[]; mayFail: boolean } {
  const prefix = line.match(PREFIXES)?.[0] ?? "";
  return { argv: splitWords(line.slice(prefix.length)), mayFail: prefix.includes("-") };
}

export function assignment(word: string): [string, string] {
  const at = word.indexOf("=");
  return at === -1 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
}

/** `2`, `2s`, `500ms`, `1min`. */
function milliseconds(text: string | undefined): number | undefined {
  const [, number, unit = "s"] = text?.match(/^(\d+(?:\.\d+)?)\s*(ms|s|sec|min)?$/) ?? [];
  if (number === undefined) return undefined;
  const units: Record<string, number> = { ms: 1, s: 1000, sec: 1000, min: 60_000 };
  return Number(number) * (units[unit] ?? 1000);
}
