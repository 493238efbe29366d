import { once } from "node:events";
import { fstatSync } from "node:fs";
import { constants } from "node:os";
import { ApiError, type ExecEnd, type ExecEvent, type ExecInput } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { CliError } from "../../errors.ts";
import { EXIT, EXIT_TIMED_OUT } from "../../exit-codes.ts";
import { pairs, readAll } from "../../input.ts";
import type { Output, Stream } from "../../output.ts";

const SIGNAL_BASE = 128;
/** The server's own limit is meant for programs; a person ends a command with Ctrl-C. */
const LONGEST_SECONDS = 86_400;
/** After this a silent stdin is more likely to be forgotten than slow. */
const STDIN_HINT_MS = 3_000;

export default defineCommand({
  describe: "Run a command on an instance",
  details:
    "One word is run by a shell, several are a program and its arguments. What is piped in goes to the command; " +
    "its output comes back as it is written, stdout and stderr apart; its exit code becomes ours (128+n for " +
    "signals, 124 when it ran out of time). A suspended instance is woken.",
  examples: [
    "gentity compute exec cl-x7k2m9q4 -- npm test",
    "gentity compute exec cl-x7k2m9q4 -- 'ls | wc -l'",
    "gentity compute exec cl-x7k2m9q4 -- tar xz -C /workspace < code.tgz",
  ],
  args: {
    id: { describe: "id, subdomain, or the beginning of either", completes: "instance" },
    command: { describe: "after --, the command and its arguments", optional: true, variadic: true },
  },
  options: {
    cwd: { type: "string", placeholder: "folder", describe: "where to run it" },
    env: { type: "list", short: "e", placeholder: "k=v", describe: "set for the command; repeatable" },
    timeout: { type: "integer", min: 1, placeholder: "seconds", describe: "end it after this long (a day)" },
    stdin: { type: "switch", describe: "pass nothing to the command" },
    detach: { type: "flag", short: "d", describe: "leave it running, print its exec id" },
    attach: { type: "string", placeholder: "exec-id", describe: "follow a detached command instead" },
  },
  async run(context, { args, options }) {
    const { out, signal } = context;
    if ((args.command.length === 0) === (options.attach === undefined)) {
      throw new CliError(options.attach ? "--attach takes no command." : "No command was given.", {
        exitCode: EXIT.usage,
        next: [`gentity compute exec ${args.id} -- <command>`],
      });
    }
    const { exec } = (await context.client()).instances;
    if (options.attach !== undefined) {
      return relay(context, exec.follow(args.id, options.attach, { signal }));
    }
    const input: ExecInput = {
      command: args.command.length === 1 ? (args.command[0] as string) : args.command,
      cwd: options.cwd,
      env: options.env.length === 0 ? undefined : pairs(options.env, "--env"),
      timeoutSeconds: options.timeout ?? (options.detach ? undefined : LONGEST_SECONDS),
      stdin: options.stdin ? await pipedInput(context) : undefined,
    };
    if (!options.detach) return relay(context, exec.stream(args.id, input, { signal }));
    const { execId } = await exec.start(args.id, input, { signal });
    if (out.json) out.document({ execId });
    else out.line(execId);
    out.next([["follow it", `gentity compute exec ${args.id} --attach ${execId}`]]);
    return EXIT.ok;
  },
});

/** Passes output on as it comes, or gathers it for the one JSON document; returns the command's own exit code. */
async function relay(context: Context, events: AsyncIterable<ExecEvent>): Promise<number> {
  const { out } = context;
  const gathered = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let end: ExecEnd | null = null;
  try {
    for await (const event of events) {
      if (event.type === "exit") {
        const { type: _, ...rest } = event;
        end = rest;
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
    out.document({ ...end, stdout: text(gathered.stdout), stderr: text(gathered.stderr) });
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
async function pipedInput(context: Context): Promise<string | Uint8Array | undefined> {
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
