import { type ChildProcess, spawn } from "node:child_process";
import { send } from "./channel.ts";
import { signalGroup } from "./group.ts";
import type { BootMessage, Ending, OutputStream } from "./protocol.ts";

/** How long last words may still arrive after the command has ended. */
const DRAIN_MS = 200;

/** The machine's main command. When it ends, the machine ends. */
export class MainProcess {
  private readonly child: ChildProcess;
  private ended = false;
  private stopRequested = false;

  constructor({ argv, env, cwd, user }: BootMessage) {
    const [file = "", ...args] = argv;
    this.child = spawn(file, args, {
      env,
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    });
    this.forward("stdout");
    this.forward("stderr");
    this.child.once("spawn", () => send({ type: "started", pid: this.child.pid ?? 0 }));
    this.child.once("error", (error) => this.finish({ code: 127, signal: null, error: error.message }));
    // "close" may never come: a background child can hold the pipes open for ever.
    this.child.once("exit", (code, signal) => setTimeout(() => this.finish({ code, signal }), DRAIN_MS));
    this.child.once("close", (code, signal) => this.finish({ code, signal }));
  }

  signal(signal: NodeJS.Signals): boolean {
    return !this.ended && this.child.kill(signal);
  }

  stop(signal: NodeJS.Signals, graceMs: number): void {
    this.stopRequested = true;
    this.signal(signal);
    setTimeout(() => this.kill(), graceMs).unref();
  }

  kill(): void {
    signalGroup(this.child, "SIGKILL");
  }

  private forward(stream: OutputStream): void {
    this.child[stream]?.on("data", (data: Buffer) => send({ type: "output", stream, data }));
  }

  private finish(ending: Ending): void {
    if (this.ended) return;
    this.ended = true;
    send({ type: "exited", ending, stopRequested: this.stopRequested });
  }
}
