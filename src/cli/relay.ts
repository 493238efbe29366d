import { once } from "node:events";
import { fstatSync } from "node:fs";
import { constants } from "node:os";
import { ApiError, type ExecEnd, type RunEvent } from "../sdk/index.ts";
import type { Context } from "./context.ts";
import { EXIT, EXIT_TIMED_OUT } from "./exit-codes.ts";
import { readAll } from "./input.ts";
import type { Output, Stream } from "./output.ts";

const SIGNAL_BASE = 128;
/** The server's own limit is meant for programs; a person ends a command with Ctrl-C. */
export const LONGEST_SECONDS = 86_400;
/** After this a silent stdin is more likely to be forgotten than slow. */
const STDIN_HINT_MS = 3_000;

/** Passes output on as it comes, or gathers it for the one JSON document; returns the command's own exit code. */
export async function relay(context: Context, events: AsyncIterable<RunEvent>): Promise<number> {
  const { out } = context;
  const gathered = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let end: ExecEnd | null = null;
  let where: { instanceId?: string } = {};
  try {
    for await (const event of events) {
      if (event.type === "exit") {
        const { type: _, ...rest } = event;
        end = rest;
      } else if (event.type === "body") {
        where = { instanceId: event.instanceId };
      } else if (out.json) gathered[event.type].push(event.data);
      else await write(out[event.type], event.data);
    }
  } catch (error) {
    if (!isTimeout(error)) throw error;
    out.failure(error);
    return EXIT_TIMED_OUT;
  }
  if (end === null) return EXIT.failure;
  if (out.json) {
    const text = (pieces: Uint8Array[]) => Buffer.concat(pieces).toString("utf8");
    out.document({ ...end, ...where, stdout: text(gathered.stdout), stderr: text(gathered.stderr) });
  }
  if (end.truncated) note(out, "The output was longer than the server keeps; some of it is missing.");
  if (end.timedOut) note(out, "It was ended because its time was over; --timeout <seconds> gives it more.");
  return exitCodeOf(end);
}

async function write(stream: Stream, data: Uint8Array): Promise<void> {
  if (!stream.write(data)) await once(stream, "drain");
}

function note(out: Output, text: string): void {
  if (!out.json) out.note(out.noteStyle.yellow(text));
}

function exitCodeOf(end: ExecEnd): number {
  if (end.timedOut) return EXIT_TIMED_OUT;
  if (end.exitCode !== null) return end.exitCode;
  const signals: Record<string, number | undefined> = constants.signals;
  const number = end.signal === null ? undefined : signals[end.signal];
  return number === undefined ? EXIT.failure : SIGNAL_BASE + number;
}

function isTimeout(error: unknown): boolean {
  return error instanceof ApiError && /^(exec_)?time(d_)?out$/.test(error.code) && error.status !== 0;
}

/** What was piped or redirected into us. A terminal is a person, not data. */
export async function pipedInput(context: Context): Promise<string | Uint8Array | undefined> {
  if (context.stdin.isTTY || !isData()) return undefined;
  const hint = setTimeout(
    () => context.out.note("Reading stdin to its end first; pass --no-stdin if there is none."),
    STDIN_HINT_MS,
  );
  const bytes = await readAll(context.stdin);
  clearTimeout(hint);
  if (bytes.length === 0) return undefined;
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : bytes;
}

/** A file, a pipe or a socket; `/dev/null` and a closed stdin hold nothing. */
function isData(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFile() || stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}
