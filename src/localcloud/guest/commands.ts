import { type ChildProcess, spawn } from "node:child_process";
import { send } from "./channel.ts";
import { signalGroup } from "./group.ts";
import type { Ending, OutputStream, ToGuest } from "./protocol.ts";

type CommandMessage = Extract<ToGuest, { type: "command" }>;

/** How long output may still arrive after the command itself has ended, when something it started keeps the pipes open. */
const DRAIN_MS = 200;

/** Commands whose input and outputs are live: nothing is collected, and each ends in its own time. */
export class Commands {
  private readonly running = new Map<number, ChildProcess>();

  open({ id, argv, env, cwd, user }: CommandMessage): void {
    const [file = "", ...args] = argv;
    const child = spawn(file, args, { env, cwd, stdio: ["pipe", "pipe", "pipe"], detached: true, ...user });
    this.running.set(id, child);
    const finish = (ending: Ending): void => {
      if (this.running.delete(id)) send({ type: "command-exit", id, ending });
    };
    for (const stream of ["stdout", "stderr"] as const) forward(child, id, stream);
    child.once("error", (error) => finish({ code: 127, signal: null, error: error.message }));
    child.once("exit", (code, signal) => setTimeout(() => finish({ code, signal }), DRAIN_MS));
    child.once("close", (code, signal) => finish({ code, signal }));
    // A command that never reads its input closes it early; that is its own business.
    child.stdin.on("error", () => {});
  }

  input(id: number, data: Uint8Array): void {
    this.running.get(id)?.stdin?.write(data);
  }

  endInput(id: number): void {
    this.running.get(id)?.stdin?.end();
  }

  killAll(): void {
    for (const child of this.running.values()) signalGroup(child, "SIGKILL");
  }
}

/** Reads on only when what was read is on its way: a reader that is slower than the command slows the command down. */
function forward(child: ChildProcess, id: number, stream: OutputStream): void {
  const source = child[stream];
  source?.on("data", (data: Buffer) => {
    source.pause();
    send({ type: "command-output", id, stream, data }, undefined, () => source.resume());
  });
}
