/**
 * Exec over any provider. The command runs detached inside the machine and is looked at; the first call waits for it there,
 * so that a short command costs one call. A lost answer is followed by the same call again: the machine knows the command
 * by its id and never runs it twice.
 */
import type { ExecRequest, ExecResult, Outcome, Substrate } from "../../providers/provider.ts";
import { concat } from "./base64.ts";
import type { Clock } from "./caller.ts";
import type { Command, Exit, Offsets } from "./script.ts";
import { type Present, Session } from "./session.ts";
import { signalOf } from "./signals.ts";

export type { Command, Offsets } from "./script.ts";

export interface ExecDeps {
  /** One call of the vendor's exec, on one machine. */
  exec: (request: ExecRequest) => Promise<Outcome<ExecResult>>;
  substrate: Substrate;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
  newId?: () => string;
}

export interface CommandExit {
  exitCode: number;
  /** By the shell's convention; see `signalOf`. */
  signal: string | null;
  durationMs: number;
  timedOut: boolean;
  substrate: Substrate;
}

export interface CommandResult extends CommandExit {
  stdout: string;
  stderr: string;
  /** More was written than is returned here. */
  truncated: boolean;
}

export type ExecFailure = Exclude<Outcome<never>, { type: "ok" }>;

export type ExecEvent =
  | { type: "stdout" | "stderr"; data: Uint8Array }
  | { type: "exit"; result: CommandExit }
  /** The last event when the command could not be started or was lost sight of. */
  | { type: "failed"; outcome: ExecFailure };

export interface PollResult {
  stdout: Uint8Array;
  stderr: Uint8Array;
  /** Where the next poll goes on. */
  offsets: Offsets;
  /** Once the command has ended and everything it wrote was read. */
  exit?: CommandExit;
}

export interface Exec {
  /** Runs it and answers with everything, each output cut at 1 MiB. Killed after 60 s unless the command says otherwise. */
  runToEnd(command: Command): Promise<Outcome<CommandResult>>;
  /** The same as it happens. Leaving the iteration leaves the command running; `cancel` ends it. */
  stream(command: Command): { execId: string; events: AsyncIterable<ExecEvent> };
  /** Returns once it runs. Never killed unless the command says so; its result is kept for a day. */
  startDetached(command: Command): Promise<Outcome<{ execId: string }>>;
  /** What is new since the offsets. With a hold it waits inside the machine for something to tell. */
  poll(execId: string, offsets: Offsets, options?: { holdSeconds?: number }): Promise<Outcome<PollResult>>;
  /** Ends the command's whole process group. Ok with how it ended, also when that was before. */
  cancel(execId: string): Promise<Outcome<CommandExit>>;
}

/** Vendors cut exec off somewhere past 30 s. */
const HOLD_SECONDS = 15;
const OUTPUT_LIMIT_BYTES = 1024 * 1024;
const DEFAULT_TIMEOUT_SECONDS = 60;
const BEGIN: Offsets = { stdout: 0, stderr: 0 };
/** The offset of a stream whose rest is not wanted: beyond any size, and safe in a shell's arithmetic. */
const PAST_THE_END = 2 ** 52;
const EXEC_ID = /^[A-Za-z0-9]{8,64}$/;

export function runExec(deps: ExecDeps): Exec {
  const clock: Clock = {
    now: deps.now ?? (() => Date.now()),
    sleep: deps.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
  };
  const newId = deps.newId ?? (() => crypto.randomUUID().replaceAll("-", ""));
  const session = (id: string, command?: Command) =>
    new Session({ exec: deps.exec, clock, id, ...(command === undefined ? {} : { command }) });
  const reporter = (): Reporter => {
    const startedAt = clock.now();
    return (exit) => exitOf(exit, deps.substrate, clock.now() - startedAt);
  };

  return {
    runToEnd: (command) => collect(session(newId(), withTimeout(command)), reporter()),
    stream(command) {
      const execId = newId();
      return { execId, events: follow(session(execId, withTimeout(command)), reporter()) };
    },
    async startDetached(command) {
      const execId = newId();
      const started = await session(execId, command).look({ until: "exit", holdSeconds: 0, offsets: BEGIN });
      return started.type === "ok" ? { type: "ok", value: { execId } } : started;
    },
    async poll(execId, offsets, { holdSeconds = 0 } = {}) {
      if (!EXEC_ID.test(execId)) return unknownCommand();
      const hold = Math.min(holdSeconds, HOLD_SECONDS);
      const seen = await session(execId).look({ until: "output", holdSeconds: hold, offsets });
      return seen.type === "ok" ? { type: "ok", value: pollResult(seen.value, offsets, reporter()) } : seen;
    },
    async cancel(execId) {
      if (!EXEC_ID.test(execId)) return unknownCommand();
      const seen = await session(execId).cancel({ stdout: PAST_THE_END, stderr: PAST_THE_END });
      if (seen.type !== "ok") return seen;
      if (seen.value.exit !== undefined) return { type: "ok", value: reporter()(seen.value.exit) };
      return { type: "retry", afterMs: 1_000, cause: "The command is still running although it was killed" };
    },
  };
}

type Reporter = (exit: Exit) => CommandExit;

function withTimeout(command: Command): Command {
  return { ...command, timeoutSeconds: command.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS };
}

function unknownCommand(): ExecFailure {
  return { type: "rejected", code: "missing", message: "There is no such command" };
}

function exitOf(exit: Exit, substrate: Substrate, elapsedMs: number): CommandExit {
  const { code, timedOut, durationMs } = exit;
  return { exitCode: code, signal: signalOf(code), durationMs: durationMs ?? elapsedMs, timedOut, substrate };
}

function advance(offsets: Offsets, seen: Present): Offsets {
  return { stdout: offsets.stdout + seen.stdout.length, stderr: offsets.stderr + seen.stderr.length };
}

function isRead(offsets: Offsets, { sizes }: Present): boolean {
  return offsets.stdout >= sizes.stdout && offsets.stderr >= sizes.stderr;
}

function pollResult(seen: Present, from: Offsets, report: Reporter): PollResult {
  const offsets = advance(from, seen);
  const result: PollResult = { stdout: seen.stdout, stderr: seen.stderr, offsets };
  if (seen.exit !== undefined && isRead(offsets, seen)) result.exit = report(seen.exit);
  return result;
}

async function* follow(session: Session, report: Reporter): AsyncGenerator<ExecEvent, void, undefined> {
  let offsets = BEGIN;
  for (;;) {
    const seen = await session.look({ until: "output", holdSeconds: HOLD_SECONDS, offsets });
    if (seen.type !== "ok") return yield { type: "failed", outcome: seen };
    const { stdout, stderr, offsets: next, exit } = pollResult(seen.value, offsets, report);
    offsets = next;
    if (stdout.length > 0) yield { type: "stdout", data: stdout };
    if (stderr.length > 0) yield { type: "stderr", data: stderr };
    if (exit !== undefined) return yield { type: "exit", result: exit };
  }
}

async function collect(session: Session, report: Reporter): Promise<Outcome<CommandResult>> {
  const stdout = new Kept();
  const stderr = new Kept();
  for (;;) {
    const offsets = { stdout: stdout.next, stderr: stderr.next };
    const seen = await session.look({ until: "exit", holdSeconds: HOLD_SECONDS, offsets });
    if (seen.type !== "ok") return seen;
    stdout.add(seen.value.stdout);
    stderr.add(seen.value.stderr);
    if (seen.value.exit === undefined || !isRead({ stdout: stdout.next, stderr: stderr.next }, seen.value))
      continue;
    const truncated = stdout.isCut || stderr.isCut;
    const value = { ...report(seen.value.exit), stdout: stdout.text(), stderr: stderr.text(), truncated };
    return { type: "ok", value };
  }
}

/** The beginning of an output. */
class Kept {
  isCut = false;
  private size = 0;
  private readonly parts: Uint8Array[] = [];

  /** Where to read on: nowhere, once enough is kept. */
  get next(): number {
    return this.isCut ? PAST_THE_END : this.size;
  }

  add(part: Uint8Array): void {
    const room = OUTPUT_LIMIT_BYTES - this.size;
    if (part.length > room) this.isCut = true;
    const fitting = part.subarray(0, room);
    this.parts.push(fitting);
    this.size += fitting.length;
  }

  text(): string {
    return new TextDecoder().decode(concat(this.parts));
  }
}
