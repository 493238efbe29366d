import { constants } from "node:os";
import { Command } from "../docker-engine-client/command.ts";
import { Demultiplexer, type OutputStream } from "../docker-engine-client/demultiplex.ts";
import type { Ending } from "../docker-engine-client/ending.ts";
import type { AgentKeeper } from "./agent/keeper.ts";
import type { Connection } from "./connection.ts";
import type { Busy, FromHost, ToHost } from "./protocol.ts";

type Frame<T extends ToHost["type"]> = Extract<ToHost, { type: T }>;

/** Stands in a command's environment, and so in that of all it starts. */
const MARK = "GENTITY_EXEC";
const CHUNK_BYTES = 48 * 1024;
/** What the engine prints in a command's place when there is no such program. */
const CANNOT_BEGIN = "OCI runtime exec failed: ";
/** A login shell, the better one where there are two. */
const SHELL = ["/bin/sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash -l; else exec sh -l; fi"];
const KILLED = 9;
const SIGNAL_CODES = 128;

interface Session {
  busy: Busy;
  starting: Promise<Command>;
}

/** Commands and terminals in the agent's container, as they are asked for over the connection. */
export class Commands {
  private readonly keeper: AgentKeeper;
  private readonly connection: Connection;
  private readonly sessions = new Map<string, Session>();

  private readonly onBusy: () => void;

  /** @param onBusy is told when the first of several begins; their end is told by the next heartbeat. */
  constructor(keeper: AgentKeeper, connection: Connection, onBusy: () => void) {
    this.keeper = keeper;
    this.connection = connection;
    this.onBusy = onBusy;
  }

  get busy(): Busy[] {
    return [...this.sessions.values()].map(({ busy }) => busy);
  }

  /** To its end, which is told over the connection. */
  async exec({ id, command: argv, stdin, timeoutSeconds }: Frame<"exec">): Promise<void> {
    await this.hold(id, "exec", { argv }, async (command) => {
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        // Were it to live on all the same, its caller has waited long enough.
        command
          .kill()
          .catch(() => {})
          .finally(() => command.stream.destroy());
      }, timeoutSeconds * 1_000);
      const output = new Demultiplexer((stream, data) => this.sendOutput(id, stream, data));
      command.stream.end(stdin ?? "");
      await this.pump(command, (data) => output.push(data));
      clearTimeout(timer);
      const exit = timedOut
        ? { exitCode: SIGNAL_CODES + KILLED, signal: KILLED, timedOut }
        : exitOf(await command.ending());
      this.connection.send({ type: "exit", id, ...exit });
    });
  }

  async openPty({ id, command, cols, rows }: Frame<"pty-open">): Promise<void> {
    await this.hold(id, "pty", { argv: command ?? SHELL, terminal: { cols, rows } }, async (opened) => {
      await this.pump(opened, (data) => {
        for (const part of chunks(data))
          this.connection.send({ type: "pty-output", id, data: toBase64(part) });
      });
      this.connection.send({ type: "pty-exit", id, ...exitOf(await opened.ending()) });
    });
  }

  /** For commands and terminals; whoever asks it of one that is gone is told by its exit. */
  control(frame: Frame<"signal" | "pty-input" | "pty-resize" | "pty-close">): void {
    const session = this.sessions.get(frame.id);
    session?.starting
      .then(async (command) => {
        switch (frame.type) {
          case "signal":
            return command.signal(frame.signal as NodeJS.Signals);
          case "pty-input":
            command.stream.write(Buffer.from(frame.data, "base64"));
            return;
          case "pty-resize":
            return command.resize(frame);
          case "pty-close":
            return command.signal("SIGHUP");
          default:
            return frame satisfies never;
        }
      })
      .catch(() => {});
  }

  /** Nobody sees them any more. */
  hangUpTerminals(): void {
    for (const [id, { busy }] of this.sessions) {
      if (busy.kind === "pty") this.control({ type: "pty-close", id });
    }
  }

  private async hold(
    id: string,
    kind: Busy["kind"],
    request: { argv: string[]; terminal?: { cols: number; rows: number } },
    use: (command: Command) => Promise<void>,
  ): Promise<void> {
    const agent = await this.keeper.running();
    if (!agent) {
      const message = "The agent does not run at the moment";
      this.connection.send({ type: "refused", id, code: "not_running", message });
      return;
    }
    const starting = Command.start(agent.engine, agent.container, { ...request, mark: MARK });
    this.sessions.set(id, { busy: { kind, since: Date.now() }, starting });
    if (this.sessions.size === 1) this.onBusy();
    let hasBegun = false;
    try {
      const command = await starting;
      hasBegun = true;
      await use(command);
    } catch (error) {
      const isDown = (await this.keeper.running()) === undefined;
      const code = hasBegun ? "lost" : isDown ? "not_running" : "failed";
      this.connection.send({ type: "refused", id, code, message: (error as Error).message.slice(0, 300) });
    } finally {
      this.sessions.delete(id);
    }
  }

  /** Reads no faster than the connection takes it. */
  private async pump({ stream }: Command, take: (data: Buffer) => void): Promise<void> {
    const closed = new Promise((resolve) => stream.once("close", resolve));
    stream.on("data", (data: Buffer) => {
      take(data);
      if (this.connection.isCongested) {
        stream.pause();
        void this.connection.room().then(() => stream.resume());
      }
    });
    await closed;
  }

  private sendOutput(id: string, stream: OutputStream, data: Uint8Array): void {
    const isComplaint = Buffer.from(data.subarray(0, CANNOT_BEGIN.length)).toString() === CANNOT_BEGIN;
    for (const part of chunks(data)) {
      this.connection.send({
        type: "output",
        id,
        stream: isComplaint ? "stderr" : stream,
        data: toBase64(part),
      });
    }
  }
}

function exitOf({ code, signal }: Ending): Pick<Extract<FromHost, { type: "exit" }>, "exitCode" | "signal"> {
  const number = signal === null ? undefined : constants.signals[signal];
  return number === undefined ? { exitCode: code ?? 1 } : { exitCode: SIGNAL_CODES + number, signal: number };
}

function chunks(data: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += CHUNK_BYTES) parts.push(data.subarray(at, at + CHUNK_BYTES));
  return parts;
}

function toBase64(data: Uint8Array): string {
  return Buffer.from(data).toString("base64");
}
