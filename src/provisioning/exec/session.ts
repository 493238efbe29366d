/** One command in one machine, over calls that may be refused, cut short or lost. */
import type { ExecRequest, ExecResult, Outcome } from "../../providers/provider.ts";
import {
  type Command,
  cancelRequest,
  findCommandProblem,
  type Glance,
  isPut,
  type Offsets,
  parseSnapshot,
  pollRequest,
  putRequests,
  type Snapshot,
  startRequest,
} from "./script.ts";

export interface Clock {
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

export type Present = Extract<Snapshot, { state: "running" | "exited" }>;

const CHUNK_BYTES = 256 * 1024;
/** A vendor that cuts answers shorter than this is beyond help. */
const MIN_CHUNK_BYTES = 4 * 1024;
/**
 * How long the vendor may fail before the command is given up as lost. Well below the five minutes for which the machine
 * remembers a command whose result it has handed out.
 */
const PATIENCE_MS = 90_000;
const BACKOFF_MS = { first: 200, most: 3_000 };
/** After a rate limit, calls keep this distance, which shrinks again as they succeed. */
const PACE_MS = { first: 250, most: 1_200 };

export class Session {
  private readonly exec: (request: ExecRequest) => Promise<Outcome<ExecResult>>;
  private readonly clock: Clock;
  private readonly id: string;
  /** Absent for a command that somebody else started. */
  private command: Command | undefined;
  private firstTryAt: number | undefined;
  private limit = CHUNK_BYTES;
  private paceMs = 0;
  private lastCallAt = 0;

  constructor(options: {
    exec: (request: ExecRequest) => Promise<Outcome<ExecResult>>;
    clock: Clock;
    id: string;
    command?: Command;
  }) {
    this.exec = options.exec;
    this.clock = options.clock;
    this.id = options.id;
    this.command = options.command;
  }

  /** Starts the command if this session has one that the machine does not know yet, and looks at it. */
  async look(glance: Omit<Glance, "limit">): Promise<Outcome<Present>> {
    const { command } = this;
    if (command !== undefined && this.firstTryAt === undefined) {
      const prepared = await this.prepare(command);
      if (prepared.type !== "ok") return prepared;
      this.firstTryAt = this.clock.now();
    }
    const seen = await this.attempt(() => {
      const whole = { ...glance, limit: this.limit };
      if (this.command === undefined) return pollRequest(this.id, whole);
      const ageMs = this.clock.now() - (this.firstTryAt ?? this.clock.now());
      return startRequest(this.id, this.command, whole, ageMs / 1000);
    }, parseSnapshot);
    return seen.type === "ok" ? this.judge(seen.value) : seen;
  }

  async cancel(offsets: Offsets): Promise<Outcome<Present>> {
    this.command = undefined;
    const seen = await this.attempt(
      () => cancelRequest(this.id, { offsets, limit: this.limit }),
      parseSnapshot,
    );
    return seen.type === "ok" ? this.judge(seen.value) : seen;
  }

  private async prepare(command: Command): Promise<Outcome<undefined>> {
    const problem = findCommandProblem(command);
    if (problem !== undefined) return { type: "rejected", code: "invalid_spec", message: problem };
    for (const request of putRequests(this.id, command.stdin)) {
      const put = await this.attempt(
        () => request,
        (stdout) => isPut(stdout) || undefined,
      );
      if (put.type !== "ok") return put;
    }
    return { type: "ok", value: undefined };
  }

  private judge(snapshot: Snapshot): Outcome<Present> {
    switch (snapshot.state) {
      case "running":
      case "exited":
        // From now on it is only looked at: a folder that vanishes with the root disk must not start it again.
        this.command = undefined;
        return { type: "ok", value: snapshot };
      case "rebooted":
        return {
          type: "unknown",
          cause: "The machine restarted while the command was being started: it may have run",
        };
      case "nowhere":
        return reject(
          "unsupported",
          "No folder in the machine can be written, so no command can be run in it",
        );
      case "gone":
        return this.command === undefined
          ? reject(
              "missing",
              "The machine knows nothing of this command: it is over for long, or the machine restarted",
            )
          : reject("unsupported", "The machine has no room for the command's output");
      default:
        return snapshot satisfies never;
    }
  }

  /** Calls until there is an answer to read, or a refusal, or patience ends. Every request may be made again. */
  private async attempt<T>(
    build: () => ExecRequest,
    parse: (stdout: string) => T | undefined,
  ): Promise<Outcome<T>> {
    const giveUpAt = this.clock.now() + PATIENCE_MS;
    let pause = BACKOFF_MS.first;
    let mayHaveRun = false;
    for (;;) {
      await this.keepPace();
      const outcome = await this.exec(build());
      const verdict = outcome.type === "ok" ? this.read(outcome.value, parse) : outcome;
      if (verdict.type === "ok") {
        this.paceMs = this.paceMs < PACE_MS.first / 2 ? 0 : this.paceMs * 0.9;
        return verdict;
      }
      if (verdict.type === "rejected") return mayHaveRun ? doubt(verdict) : verdict;
      if (verdict.type === "unknown")
        mayHaveRun = this.command !== undefined && this.firstTryAt !== undefined;
      if (verdict.type === "retry")
        this.paceMs = Math.min(Math.max(this.paceMs * 2, PACE_MS.first), PACE_MS.most);
      const waitMs = verdict.type === "unknown" ? pause : Math.max(pause, verdict.afterMs);
      if (this.clock.now() + waitMs > giveUpAt) return verdict;
      await this.clock.sleep(waitMs);
      pause = Math.min(pause * 2, BACKOFF_MS.most);
    }
  }

  private read<T>(result: ExecResult, parse: (stdout: string) => T | undefined): Outcome<T> {
    const value = parse(result.stdout);
    if (value !== undefined) return { type: "ok", value };
    if (result.exitCode === 126 || result.exitCode === 127) {
      return reject("unsupported", "The machine has no /bin/sh to run commands with");
    }
    // Cut short, most likely: ask for less.
    this.limit = Math.max(MIN_CHUNK_BYTES, Math.floor(this.limit / 4));
    return { type: "unknown", cause: "The machine's answer was not whole" };
  }

  private async keepPace(): Promise<void> {
    const waitMs = this.lastCallAt + this.paceMs - this.clock.now();
    if (waitMs > 0) await this.clock.sleep(waitMs);
    this.lastCallAt = this.clock.now();
  }
}

type Rejected = Extract<Outcome<never>, { type: "rejected" }>;

function reject(code: Rejected["code"], message: string): Rejected {
  return { type: "rejected", code, message };
}

/** An earlier try may have started the command before the machine became unable to tell. */
function doubt({ message }: Rejected): Outcome<never> {
  return { type: "unknown", cause: `${message}; an earlier try may have run the command` };
}
