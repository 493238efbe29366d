/** Commands beside the main one: the engine calls them execs. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { Ending } from "../../guest/protocol.ts";
import { killTree } from "../freezer.ts";
import { processesWithEnv, signalProcess } from "../process-tree.ts";
import { endingOf } from "./ending.ts";
import type { Engine } from "./engine.ts";

/** Stands in a command's environment, and so in that of all it starts: the engine itself cannot end a command. */
const MARK = "LOCALCLOUD_EXEC";
/** For a container whose processes this program may not touch. Arguments: the signal, the mark. */
const SIGNAL_MARKED =
  'cd /proc; for pid in [0-9]*; do if grep -q "$2" "$pid/environ" 2>/dev/null; then kill "-$1" "$pid"; fi; done';

export interface CommandRequest {
  argv: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Absent: root. Empty: the container's own. */
  user?: string;
  /** Absent: two outputs and an input of its own. */
  terminal?: { cols: number; rows: number };
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
    { argv, terminal, env = {}, cwd, user = "0" }: CommandRequest,
  ): Promise<Command> {
    const mark = `${MARK}=${randomBytes(8).toString("hex")}`;
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
          ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
          mark,
        ],
      },
    });
    const stream = await engine.hijack(`/exec/${id}/start`, { body: { Detach: false, Tty: tty } });
    return new Command({ engine, container, id, mark, stream });
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
    const members = () => processesWithEnv(this.mark);
    if ((await members()).length > 0) await killTree(-1, members);
    else await this.signalInside("KILL");
  }

  /** As a terminal does when it is closed. */
  async hangUp(): Promise<void> {
    const members = await processesWithEnv(this.mark);
    for (const pid of members) signalProcess(pid, "SIGHUP");
    if (members.length === 0) await this.signalInside("HUP");
  }

  private async signalInside(signal: "KILL" | "HUP"): Promise<void> {
    const argv = ["/bin/sh", "-c", SIGNAL_MARKED, "sh", signal, this.mark];
    const { Id } = await this.engine.call<{ Id: string }>("POST", `/containers/${this.container}/exec`, {
      body: { Cmd: argv, User: "0" },
    });
    await this.engine.call("POST", `/exec/${Id}/start`, { body: { Detach: true } });
  }
}
