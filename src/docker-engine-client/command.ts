/** Commands beside the main one: the engine calls them execs. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { processesWithEnv, signalProcess } from "../os/processes.ts";
import { type Ending, endingOf } from "./ending.ts";
import type { Engine } from "./engine.ts";

/** For a container whose processes this program may not touch. Arguments: the signal, the mark. */
const SIGNAL_MARKED =
  'cd /proc; for pid in [0-9]*; do if grep -q "$2" "$pid/environ" 2>/dev/null; then kill "-$1" "$pid"; fi; done';
/** A second and a half; a terminal of another size is better than none. */
const FIT_ATTEMPTS = 300;
const LOOK_AGAIN_MS = 5;

export interface CommandRequest {
  argv: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Absent: root. Empty: the container's own. */
  user?: string;
  /** Absent: two outputs and an input of its own. */
  terminal?: { cols: number; rows: number };
  /** Name of the variable by which the command and all it starts are found again: the engine itself cannot end a command. */
  mark: string;
}

/** One started command. */
export class Command {
  readonly stream: Socket;
  private readonly engine: Engine;
  private readonly container: string;
  private readonly id: string;
  private readonly mark: string;

  private constructor(from: { engine: Engine; container: string; id: string; mark: string; stream: Socket }) {
    this.engine = from.engine;
    this.container = from.container;
    this.id = from.id;
    this.mark = from.mark;
    this.stream = from.stream;
  }

  /** Runs as root, whoever the main command runs as. */
  static async start(
    engine: Engine,
    container: string,
    { argv, terminal, mark: name, env = {}, cwd, user = "0" }: CommandRequest,
  ): Promise<Command> {
    const mark = `${name}=${randomBytes(8).toString("hex")}`;
    const tty = terminal !== undefined;
    const { Id: id } = await engine.call<{ Id: string }>("POST", `/containers/${container}/exec`, {
      body: {
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: tty,
        Cmd: argv,
        User: user,
        ...(cwd === undefined ? {} : { WorkingDir: cwd }),
        Env: [
          ...(user === "0" ? ["HOME=/root", "USER=root"] : []),
          ...(tty ? ["TERM=xterm-256color"] : []),
          ...Object.entries(env).map((pair) => pair.join("=")),
          mark,
        ],
      },
    });
    const stream = await engine.hijack(`/exec/${id}/start`, { body: { Detach: false, Tty: tty } });
    const command = new Command({ engine, container, id, mark, stream });
    if (terminal) await command.fit(terminal);
    return command;
  }

  /** Before anything is typed: the engine refuses a size for as long as the command is not quite there. */
  private async fit(size: { cols: number; rows: number }): Promise<void> {
    for (let attempt = 1; attempt <= FIT_ATTEMPTS && !this.stream.destroyed; attempt++) {
      try {
        await this.resize(size);
        return;
      } catch {
        await sleep(LOOK_AGAIN_MS);
      }
    }
  }

  resize({ cols, rows }: { cols: number; rows: number }): Promise<void> {
    const query = { h: String(rows), w: String(cols) };
    return this.engine.call("POST", `/exec/${this.id}/resize`, { query });
  }

  /** After the stream has ended. @throws when the container is gone, and with it what was known. */
  async ending(): Promise<Ending> {
    const { ExitCode } = await this.engine.call<{ ExitCode: number | null }>("GET", `/exec/${this.id}/json`);
    // The engine lost sight of it.
    return ExitCode === null ? { code: null, signal: "SIGKILL" } : endingOf(ExitCode);
  }

  /** Ends it and all it started. */
  async kill(): Promise<void> {
    let members = await processesWithEnv(this.mark);
    if (members.length === 0) {
      await this.signalInside("SIGKILL");
      return;
    }
    while (members.length > 0) {
      for (const pid of members) signalProcess(pid, "SIGKILL");
      await sleep(LOOK_AGAIN_MS);
      members = await processesWithEnv(this.mark);
    }
  }

  /** Tells it and all it started. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const members = await processesWithEnv(this.mark);
    for (const pid of members) signalProcess(pid, signal);
    if (members.length === 0) await this.signalInside(signal);
  }

  private async signalInside(signal: NodeJS.Signals): Promise<void> {
    const name = signal.replace(/^SIG/, "");
    const argv = ["/bin/sh", "-c", SIGNAL_MARKED, "sh", name, this.mark];
    const { Id } = await this.engine.call<{ Id: string }>("POST", `/containers/${this.container}/exec`, {
      body: { Cmd: argv, User: "0" },
    });
    await this.engine.call("POST", `/exec/${Id}/start`, { body: { Detach: true } });
  }
}
