import { AppError } from "../../errors.ts";
import type { LogLine, LogReader } from "./logs.ts";

/** A quiet log is asked again this often, in milliseconds. */
const POLL_MS = 1_000;
/** A quiet log of a deleted instance looks like any other, so it is asked now and then. */
const OVER_CHECK_TURNS = 5;
/** In a row; then whoever follows is told. */
const MAX_FAILURES = 10;

interface Following {
  /** What was read already. */
  first: LogLine[];
  isOpen: () => boolean;
  sleep: (ms: number) => Promise<unknown>;
}

/** Lines as they come, as many at a time as there are. Ends when the reader goes away, or the instance does. */
export async function* followLogs(
  reader: LogReader,
  { first, isOpen, sleep }: Following,
): AsyncGenerator<LogLine[]> {
  let lines = first;
  let failures = 0;
  for (let turn = 1; isOpen(); turn++) {
    if (lines.length > 0) {
      yield lines;
    }
    await sleep(POLL_MS);
    if (turn % OVER_CHECK_TURNS === 0 && (await reader.isOver())) {
      return;
    }
    try {
      lines = isOpen() ? await reader.read() : [];
      failures = 0;
    } catch (error) {
      lines = [];
      failures += 1;
      if (!(await isPassing(error, failures, reader))) {
        throw error;
      }
    }
  }
}

/** A vendor that does not answer now and then is asked again; one that lost the log in the middle of a delete is no failure. */
async function isPassing(error: unknown, failures: number, reader: LogReader): Promise<boolean> {
  const mayRecover = error instanceof AppError && error.code === "vendor_unavailable";
  return (mayRecover && failures < MAX_FAILURES) || reader.isEnding();
}
