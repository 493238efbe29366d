import { constants } from "node:os";
import type { IPty } from "@lydell/node-pty";
import { send } from "./channel.ts";
import type { ToGuest } from "./protocol.ts";

type PtyMessage = Extract<ToGuest, { type: "pty" }>;

function signalName(number: number | undefined): NodeJS.Signals | null {
  const entry = Object.entries(constants.signals).find(([, value]) => value === number);
  return entry ? (entry[0] as NodeJS.Signals) : null;
}

/** Commands with a real terminal. */
export class Terminals {
  private readonly sessions = new Map<number, IPty>();

  async open({ id, argv, env, cwd, cols, rows }: PtyMessage): Promise<void> {
    const [file = "", ...args] = argv;
    try {
      // Loaded on first use: most machines never open a terminal, and it is native code.
      const { spawn } = await import("@lydell/node-pty");
      const pty = spawn(file, args, { name: "xterm-256color", cols, rows, cwd, env });
      this.sessions.set(id, pty);
      pty.onData((data) => send({ type: "pty-output", id, data }));
      pty.onExit(({ exitCode, signal }) => {
        this.sessions.delete(id);
        const killedBy = signalName(signal);
        send({ type: "pty-exit", id, ending: { code: killedBy ? null : exitCode, signal: killedBy } });
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      send({ type: "pty-exit", id, ending: { code: 127, signal: null, error: reason } });
    }
  }

  input(id: number, data: string): void {
    this.sessions.get(id)?.write(data);
  }

  resize(id: number, cols: number, rows: number): void {
    this.sessions.get(id)?.resize(cols, rows);
  }

  close(id: number): void {
    this.sessions.get(id)?.kill("SIGHUP");
  }

  closeAll(): void {
    for (const id of this.sessions.keys()) this.close(id);
  }
}
