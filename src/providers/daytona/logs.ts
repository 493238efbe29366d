import type { LogLine, LogPage, Outcome } from "../provider.ts";
import type { DaytonaApi } from "./api.ts";
import { readMixed } from "./outputs.ts";

/**
 * What the main command has said since the sandbox was last started: that is all Daytona keeps, as one text without times,
 * and only while the sandbox is up. The first page says so. The cursor is how much of the text was read, and a sum over
 * that, by which another text is known: the sandbox was started anew. A start that says the very same again cannot be told
 * from no start at all.
 */
export async function readLogs(
  deps: { api: DaytonaApi; now: () => number },
  sandbox: string,
  options: { cursor?: string; region: string },
): Promise<Outcome<LogPage>> {
  const { cursor, region } = options;
  const timestamp = new Date(deps.now()).toISOString();
  const line = (message: string): LogLine => ({
    timestamp,
    level: "info",
    message,
    instance: sandbox,
    region,
  });
  const answer = await deps.api.entrypointLogs(sandbox);
  if (!answer.ok) {
    const { kind, outcome } = answer.failure;
    const why = EMPTY[kind];
    if (why === undefined) return outcome;
    // Whoever reads on has been told already.
    return { type: "ok", value: { lines: cursor === undefined ? [line(why)] : [], cursor: cursor ?? START } };
  }
  const text = readMixed(answer.value);
  const from = resume(text, cursor);
  // A line that is not finished is read when it is.
  const until = text.lastIndexOf("\n") + 1;
  const lines =
    until > from
      ? text
          .slice(from, until - 1)
          .split("\n")
          .map(line)
      : [];
  const head = cursor === undefined ? [line(NO_TIMES)] : [];
  const end = Math.max(from, until);
  return { type: "ok", value: { lines: [...head, ...lines], cursor: `${end}.${sum(text.slice(0, end))}` } };
}

const START = "0.0";
const NO_TIMES = "Daytona keeps no times: these lines were said since the last start, and read now.";
const EMPTY: Partial<Record<string, string>> = {
  absent: "There is no sandbox, and so no log.",
  inner_absent: "Daytona keeps no log of this sandbox: its image names no command.",
  not_started: "Daytona shows a sandbox's log only while it is started.",
};

function resume(text: string, cursor: string | undefined): number {
  const [length, known] = (cursor ?? START).split(".");
  const from = Number(length);
  return Number.isInteger(from) && from <= text.length && sum(text.slice(0, from)) === known ? from : 0;
}

/** FNV-1a: tells one text from another, and defends against nobody. */
function sum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return text === "" ? "0" : (hash >>> 0).toString(36);
}
