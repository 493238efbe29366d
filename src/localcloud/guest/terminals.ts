import { constants } from "node:os";
import type { IPty } from "@lydell/node-pty";
import { send } from "./channel.ts";
import type { ToGuest } from "./protocol.ts";

type PtyMessage = Extract<ToGuest, { type: "pty" }>;

function signalName(number: number | undefined): NodeJS.Signals | null {
  const entry = Object.entries(constants.signals).find(([, value]) => value === number);
  return entry ? (entry[0] as NodeJS.Signals) : null;
}

/** Commands with a real terminal. What is written to one before it is open waits for it. */
export class Terminals {
  private readonly sessions = new Map<number, Promise<IPty | undefined>>();

  open(message: PtyMessage): void {
    this.sessions.set(message.id, this.spawn(message));
  }

  private async spawn({ id, argv, env, cwd, user, cols, rows }: PtyMessage): Promise<IPty | undefined> {
    const [file = "", ...args] = argv;
    try {
      // Loaded on first use: most machines never open a terminal, and it is native code.
      const { spawn } = await import("@lydell/node-pty");
      const pty = spawn(file, args, { name: "xterm-256color", cols, rows, cwd, env, ...user });
      pty.onData((data) => send({ type: "pty-output", id, data }));
      pty.onExit(({ exitCode, signal }) => {
        this.sessions.delete(id);
        const killedBy = signalName(signal);
        send({ type: "pty-exit", id, ending: { code: killedBy ? null : exitCode, signal: killedBy } });
      });
      return pty;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.sessions.delete(id);
      send({ type: "pty-exit", id, ending: { code: 127, signal: null, error: reason } });
      return undefined;
    }
  }

  input(id: number, data: string): void {
    void this.sessions.get(id)?.then((pty) => pty?.write(data));
  }

  resize(id: number, cols: number, rows: number): void {
    void this.sessions.get(id)?.then((pty) => pty?.resize(cols, rows));
  }

  close(id: number): void {
    void this.sessions.get(id)?.then((pty) => pty?.kill("SIGHUP"));
  }

  closeAll(): void {
    for (const id of this.sessions.keys()) this.close(id);
  }
}
