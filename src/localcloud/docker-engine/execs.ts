/** Commands beside a container's main one. */
import { randomBytes } from "node:crypto";
import { constants } from "node:os";
import type { Ending } from "../guest/protocol.ts";
import type { CommandRequest, PtySession } from "../runtime/runtime.ts";
import type { Container } from "./container.ts";
import { frame } from "./frames.ts";
import { noSuchExec, notRunning, Refusal, unsupported } from "./refusal.ts";
import { type ContainerRequest, type ExecRequest, environmentOf } from "./requests.ts";

const DEFAULT_SIZE = { cols: 80, rows: 24 };
const FINISHED_REMEMBERED = 200;

export interface Exec {
  id: string;
  container: Container;
  request: ExecRequest;
  state: "created" | "running" | "ended";
  exitCode: number | null;
  terminal?: PtySession;
}

/** Where a command's outputs go and its input comes from: a hijacked connection, or nowhere. */
export interface Attachment {
  write(data: Uint8Array | string): void;
  end(): void;
  onInput(listener: (data: Buffer) => void): void;
  onInputEnd(listener: () => void): void;
}

const ROOTS = ["0", "root", "0:0", "root:root"];

function userOf(user: string | null | undefined, { User }: ContainerRequest): CommandRequest["as"] {
  if (!user || user === User) return ROOTS.includes(User || "root") ? "root" : "main";
  if (ROOTS.includes(user)) return "root";
  throw unsupported(`a command as ${user}, who is neither root nor the container's user,`);
}

export class Execs {
  private readonly execs = new Map<string, Exec>();

  create(container: Container, request: ExecRequest): Exec {
    if (!container.isRunning) throw notRunning(container.record.id);
    userOf(request.User, container.record.request);
    this.forgetOldest();
    const id = randomBytes(32).toString("hex");
    const exec: Exec = { id, container, request, state: "created", exitCode: null };
    this.execs.set(id, exec);
    return exec;
  }

  find(id: string): Exec {
    const exec = this.execs.get(id);
    if (!exec) throw noSuchExec(id);
    return exec;
  }

  of(container: Container): Exec[] {
    return [...this.execs.values()].filter((exec) => exec.container === container);
  }

  forgetAll(container: Container): void {
    for (const { id } of this.of(container)) this.execs.delete(id);
  }

  /** Before anything is promised to whoever wants it started. */
  check(exec: Exec): void {
    if (exec.state !== "created") {
      throw new Refusal(409, `exec ${exec.id} is already running or has ended`);
    }
    if (!exec.container.isRunning) throw notRunning(exec.container.record.id);
  }

  start(exec: Exec, attachment: Attachment): void {
    this.check(exec);
    exec.state = "running";
    const finish = (ending: Ending): void => {
      exec.state = "ended";
      exec.exitCode = ending.signal ? 128 + (constants.signals[ending.signal] ?? 0) : ending.code;
      // Who sees the end of the stream must find the code.
      attachment.end();
    };
    if (exec.request.Tty) startTerminal(exec, attachment, finish);
    else startCommand(exec, attachment, finish);
  }

  resize(exec: Exec, cols: number, rows: number): void {
    exec.terminal?.resize(cols, rows);
  }

  private forgetOldest(): void {
    const ended = [...this.execs.values()].filter(({ state }) => state === "ended");
    for (const { id } of ended.slice(0, -FINISHED_REMEMBERED)) this.execs.delete(id);
  }
}

function commandOf({ request, container }: Exec): CommandRequest {
  return {
    argv: request.Cmd,
    env: environmentOf(request.Env),
    ...(request.WorkingDir ? { cwd: request.WorkingDir } : {}),
    as: userOf(request.User, container.record.request),
  };
}

type Finish = (ending: Ending) => void;

/** As the engine says it, in the command's own output. */
function complaint(argv: string[], error: string): string {
  return `OCI runtime exec failed: exec failed: unable to start container process: exec: "${argv[0]}": ${error}: unknown\r\n`;
}

function startCommand(exec: Exec, attachment: Attachment, finish: Finish): void {
  const { AttachStdin, AttachStdout, AttachStderr, Cmd } = exec.request;
  const session = exec.container.machine.openCommand(commandOf(exec));
  session.onOutput((stream, data) => {
    const isWanted = stream === "stdout" ? AttachStdout : AttachStderr;
    if (isWanted) attachment.write(frame(stream, data));
  });
  session.onExit((ending) => {
    if (ending.error) attachment.write(frame("stdout", Buffer.from(complaint(Cmd, ending.error))));
    finish(ending);
  });
  if (AttachStdin) {
    attachment.onInput((data) => session.write(data));
    attachment.onInputEnd(() => session.endInput());
  } else {
    session.endInput();
  }
}

function startTerminal(exec: Exec, attachment: Attachment, finish: Finish): void {
  const { ConsoleSize, Cmd } = exec.request;
  const size = ConsoleSize ? { cols: ConsoleSize[1], rows: ConsoleSize[0] } : DEFAULT_SIZE;
  const session = exec.container.machine.openPty({ ...commandOf(exec), ...size });
  exec.terminal = session;
  session.onData((data) => attachment.write(data));
  session.onExit((ending) => {
    if (ending.error) attachment.write(complaint(Cmd, ending.error));
    finish(ending);
  });
  const decoder = new TextDecoder();
  if (exec.request.AttachStdin) {
    attachment.onInput((data) => session.write(decoder.decode(data, { stream: true })));
  }
}
