import type { Command } from "../../../docker-engine-client/command.ts";
import { Demultiplexer } from "../../../docker-engine-client/demultiplex.ts";
import type { Ending, OutputStream } from "../../guest/protocol.ts";
import { OUTPUT_LIMIT_BYTES } from "../guest-link.ts";
import type { CommandSession, ExecRequest, ExecResult, PtySession } from "../runtime.ts";

/** What the engine prints in a command's place when there is no such program. */
const CANNOT_BEGIN = /^OCI runtime exec failed: /;

/** The command's outputs, up to the limit each. */
class Outputs {
  private readonly parts: Record<OutputStream, Uint8Array[]> = { stdout: [], stderr: [] };
  private readonly room: Record<OutputStream, number> = {
    stdout: OUTPUT_LIMIT_BYTES,
    stderr: OUTPUT_LIMIT_BYTES,
  };

  add(stream: OutputStream, data: Uint8Array): void {
    const part = data.subarray(0, this.room[stream]);
    this.room[stream] -= part.length;
    // A copy: what came in one read may be large, and would be held as a whole.
    this.parts[stream].push(Uint8Array.from(part));
  }

  text(stream: OutputStream): string {
    return Buffer.concat(this.parts[stream]).toString("utf8");
  }
}

/** Waits for a command's end, or brings it about when its time is over. */
export async function finish(command: Command, { stdin, timeoutMs }: ExecRequest): Promise<ExecResult> {
  const { stream } = command;
  const outputs = new Outputs();
  const demultiplexer = new Demultiplexer((name, data) => outputs.add(name, data));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    // Were it to live on all the same, its caller has waited long enough.
    command
      .kill()
      .catch(() => {})
      .finally(() => stream.destroy());
  }, timeoutMs);
  const closed = new Promise((resolve) => stream.once("close", resolve));
  stream.on("data", (data: Buffer) => demultiplexer.push(data));
  stream.end(stdin ?? "");
  await closed;
  clearTimeout(timer);
  const said = { stdout: outputs.text("stdout"), stderr: outputs.text("stderr") };
  if (timedOut) return { ending: { code: null, signal: "SIGKILL" }, timedOut, ...said };
  const ending = await command.ending();
  return CANNOT_BEGIN.test(said.stdout)
    ? { ending: { ...ending, error: said.stdout.trim() }, timedOut, stdout: "", stderr: said.stderr }
    : { ending, timedOut, ...said };
}

/** A command that is still being started: what is written to it before then waits. */
export function session(starting: Promise<Command>): CommandSession {
  let tellOutput = (_: OutputStream, __: Uint8Array): void => {};
  let tellExit = (_: Ending): void => {};
  const run = async (): Promise<Ending> => {
    const command = await starting;
    const demultiplexer = new Demultiplexer((name, data) => tellOutput(name, data));
    const closed = new Promise((resolve) => command.stream.once("close", resolve));
    command.stream.on("data", (data: Buffer) => demultiplexer.push(data));
    await closed;
    // With the machine gone, nobody knows better.
    return command.ending().catch(() => ({ code: null, signal: "SIGKILL" }) as const);
  };
  run().then(
    (ending) => tellExit(ending),
    (error: unknown) => tellExit({ code: 127, signal: null, error: String(error) }),
  );
  const use = (action: (command: Command) => unknown): void => {
    starting.then(action).catch(() => {});
  };
  return {
    onOutput: (listener) => {
      tellOutput = listener;
    },
    onExit: (listener) => {
      tellExit = listener;
    },
    write: (data) => use(({ stream }) => stream.write(data)),
    endInput: () => use(({ stream }) => stream.end()),
  };
}

/** A terminal in front of a command that is still being started: what is written to it before then waits. */
export function terminal(starting: Promise<Command>): PtySession {
  let tellData = (_: string): void => {};
  let tellExit = (_: Ending): void => {};
  const run = async (): Promise<Ending> => {
    const command = await starting;
    const decoder = new TextDecoder();
    const closed = new Promise((resolve) => command.stream.once("close", resolve));
    command.stream.on("data", (data: Buffer) => tellData(decoder.decode(data, { stream: true })));
    await closed;
    // With the machine gone, nobody knows better.
    return command.ending().catch(() => ({ code: null, signal: "SIGKILL" }) as const);
  };
  run().then(
    (ending) => tellExit(ending),
    (error: unknown) => tellExit({ code: 127, signal: null, error: String(error) }),
  );
  /** Whoever uses a terminal whose command is gone is told by its exit. */
  const use = (action: (command: Command) => unknown): void => {
    starting.then(action).catch(() => {});
  };
  return {
    onData: (listener) => {
      tellData = listener;
    },
    onExit: (listener) => {
      tellExit = listener;
    },
    write: (data) => use(({ stream }) => stream.write(data)),
    resize: (cols, rows) => use((command) => command.resize({ cols, rows })),
    close: () => use((command) => command.signal("SIGHUP")),
  };
}
