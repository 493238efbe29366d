import type { ChildProcess } from "node:child_process";
import type { Server, Socket } from "node:net";
import type { CommandSpec, Ending, FromGuest, OutputStream, ToGuest } from "../guest/protocol.ts";
import type {
  CommandSession,
  ExecRequest,
  ExecResult,
  MachineExit,
  PtyRequest,
  PtySession,
} from "./runtime.ts";

/** What a command may print before the rest is dropped; the vendor documents no bound, memory has one. */
export const OUTPUT_LIMIT_BYTES = 8 * 1024 * 1024;

export interface LinkEvents {
  ready(): void;
  started(): void;
  output(stream: "stdout" | "stderr", data: Uint8Array): void;
  exited(exit: Omit<MachineExit, "oomKilled">): void;
  bootFailed(reason: string): void;
  egress(listener: Server): void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A request was under way when the machine went down: it may have had its effect. */
export class MachineGoneError extends Error {
  constructor() {
    super("the machine went down");
  }
}

/** The outside end of the channel to a machine's first process. */
export class GuestLink {
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private readonly outputs = new Map<number, { stdout: Uint8Array[]; stderr: Uint8Array[] }>();
  private readonly terminals = new Map<
    number,
    { data: (data: string) => void; exit: (ending: Ending) => void }
  >();
  private readonly commands = new Map<
    number,
    { output: (stream: OutputStream, data: Uint8Array) => void; exit: (ending: Ending) => void }
  >();
  private readonly child: ChildProcess;
  private readonly events: LinkEvents;

  constructor(child: ChildProcess, events: LinkEvents) {
    this.child = child;
    this.events = events;
    child.on("message", (message, handle) => this.receive(message as FromGuest, handle));
    child.once("exit", () => this.dropAll());
    child.once("disconnect", () => this.dropAll());
  }

  send(message: ToGuest): void {
    if (!this.child.connected) return;
    // The callback form: a channel that breaks in mid-send must not throw; the exit is noticed by itself.
    this.child.send(message, () => {});
  }

  exec(request: ExecRequest & CommandSpec): Promise<ExecResult> {
    const id = this.nextId++;
    this.outputs.set(id, { stdout: [], stderr: [] });
    const result = this.wait<ExecResult>(id).finally(() => this.outputs.delete(id));
    this.send({ type: "exec", id, outputLimit: OUTPUT_LIMIT_BYTES, ...request });
    return result;
  }

  connect(port: number): Promise<Socket> {
    const id = this.nextId++;
    const socket = this.wait<Socket>(id);
    this.send({ type: "connect", id, port });
    return socket;
  }

  signal(signal: NodeJS.Signals): Promise<boolean> {
    const id = this.nextId++;
    const delivered = this.wait<boolean>(id);
    this.send({ type: "signal", id, signal });
    return delivered;
  }

  openCommand(command: CommandSpec): CommandSession {
    const id = this.nextId++;
    const listeners = { output: (_: OutputStream, __: Uint8Array) => {}, exit: (_: Ending) => {} };
    this.commands.set(id, listeners);
    this.send({ type: "command", id, ...command });
    return {
      onOutput: (listener) => {
        listeners.output = listener;
      },
      onExit: (listener) => {
        listeners.exit = listener;
      },
      write: (data) => this.send({ type: "command-input", id, data }),
      endInput: () => this.send({ type: "command-input-end", id }),
    };
  }

  openPty(request: PtyRequest & CommandSpec): PtySession {
    const id = this.nextId++;
    const listeners = { data: (_: string) => {}, exit: (_: Ending) => {} };
    this.terminals.set(id, listeners);
    this.send({ type: "pty", id, ...request });
    return {
      onData: (listener) => {
        listeners.data = listener;
      },
      onExit: (listener) => {
        listeners.exit = listener;
      },
      write: (data) => this.send({ type: "pty-input", id, data }),
      resize: (cols, rows) => this.send({ type: "pty-resize", id, cols, rows }),
      close: () => this.send({ type: "pty-close", id }),
    };
  }

  private wait<T>(id: number): Promise<T> {
    if (!this.child.connected) return Promise.reject(new MachineGoneError());
    return new Promise<T>((resolve, reject) => {
      this.pending.set(id, { resolve: (value) => resolve(value as T), reject });
    });
  }

  private settle(id: number, value: unknown): void {
    this.pending.get(id)?.resolve(value);
    this.pending.delete(id);
  }

  private dropAll(): void {
    for (const { reject } of this.pending.values()) reject(new MachineGoneError());
    this.pending.clear();
    for (const sessions of [this.terminals, this.commands]) {
      for (const { exit } of sessions.values()) exit({ code: null, signal: "SIGKILL" });
      sessions.clear();
    }
  }

  private receive(message: FromGuest, handle: unknown): void {
    switch (message.type) {
      case "ready":
        this.events.ready();
        break;
      case "egress":
        if (handle) this.events.egress(handle as Server);
        break;
      case "started":
        this.events.started();
        break;
      case "output":
        this.events.output(message.stream, message.data);
        break;
      case "exited":
        this.events.exited({ ending: message.ending, stopRequested: message.stopRequested });
        break;
      case "boot-failed":
        this.events.bootFailed(message.error);
        break;
      case "exec-output":
        this.outputs.get(message.id)?.[message.stream].push(message.data);
        break;
      case "exec-exit":
        this.finishExec(message);
        break;
      case "command-output":
        this.commands.get(message.id)?.output(message.stream, message.data);
        break;
      case "command-exit":
        this.commands.get(message.id)?.exit(message.ending);
        this.commands.delete(message.id);
        break;
      case "pty-output":
        this.terminals.get(message.id)?.data(message.data);
        break;
      case "pty-exit":
        this.terminals.get(message.id)?.exit(message.ending);
        this.terminals.delete(message.id);
        break;
      case "connected":
        this.settleConnection(message.id, handle as Socket | undefined);
        break;
      case "connect-failed":
        this.pending.get(message.id)?.reject(Object.assign(new Error(message.code), { code: message.code }));
        this.pending.delete(message.id);
        break;
      case "signalled":
        this.settle(message.id, message.delivered);
        break;
      default:
        message satisfies never;
    }
  }

  private finishExec({ id, ending, timedOut }: Extract<FromGuest, { type: "exec-exit" }>): void {
    const output = this.outputs.get(id);
    const text = (parts: Uint8Array[] = []): string => Buffer.concat(parts).toString("utf8");
    this.settle(id, { ending, timedOut, stdout: text(output?.stdout), stderr: text(output?.stderr) });
  }

  private settleConnection(id: number, socket: Socket | undefined): void {
    if (!socket) {
      // The other side closed it before it got here, and Node then delivers the message alone.
      this.pending.get(id)?.reject(Object.assign(new Error("ECONNRESET"), { code: "ECONNRESET" }));
      this.pending.delete(id);
    } else if (this.pending.has(id)) {
      this.settle(id, socket);
    } else {
      socket.destroy();
    }
  }
}
