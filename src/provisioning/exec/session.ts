/** One command in one machine. */
import type { Outcome } from "../../providers/provider.ts";
import { Caller, type Clock, reject, type VendorExec } from "./caller.ts";
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

export type Present = Extract<Snapshot, { state: "running" | "exited" }>;

export class Session {
  private readonly caller: Caller;
  private readonly clock: Clock;
  private readonly id: string;
  /** What to start. Absent once the machine knows the command, and for one that somebody else started. */
  private command: Command | undefined;
  private firstTryAt: number | undefined;

  constructor(options: { exec: VendorExec; clock: Clock; id: string; command?: Command }) {
    this.caller = new Caller(options.exec, options.clock);
    this.clock = options.clock;
    this.id = options.id;
    this.command = options.command;
  }

  /** Starts the command if this session has one that the machine does not know yet, and looks at it. */
  async look(glance: Omit<Glance, "limit">): Promise<Outcome<Present>> {
    const { command, caller, id } = this;
    if (command !== undefined && this.firstTryAt === undefined) {
      const prepared = await this.prepare(command);
      if (prepared.type !== "ok") return prepared;
    }
    const firstTryAt = this.firstTryAt ?? this.clock.now();
    this.firstTryAt = firstTryAt;
    const build = () => {
      const whole = { ...glance, limit: caller.limit };
      if (command === undefined) return pollRequest(id, whole);
      return startRequest(id, command, whole, (this.clock.now() - firstTryAt) / 1000);
    };
    const seen = await caller.attempt(build, parseSnapshot, { hasEffect: command !== undefined });
    return seen.type === "ok" ? this.judge(seen.value) : seen;
  }

  async cancel(offsets: Offsets): Promise<Outcome<Present>> {
    this.command = undefined;
    const build = () => cancelRequest(this.id, { offsets, limit: this.caller.limit });
    const seen = await this.caller.attempt(build, parseSnapshot);
    return seen.type === "ok" ? this.judge(seen.value) : seen;
  }

  private async prepare(command: Command): Promise<Outcome<undefined>> {
    const problem = findCommandProblem(command);
    if (problem !== undefined) return reject("invalid_spec", problem);
    for (const request of putRequests(this.id, command.stdin)) {
      const put = await this.caller.attempt(
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
}
