import { randomUUID } from "node:crypto";
import { MachineGoneError } from "../../runtime/guest-link.ts";
import type { ExecResult, RunningMachine } from "../../runtime/runtime.ts";
import {
  commandNotFound,
  invalid,
  sandboxLost,
  sessionEnded,
  sessionExists,
  sessionNotFound,
} from "../errors.ts";
import {
  CODES,
  COMMAND_CODE,
  COMMAND_LOGS,
  CREATE_SESSION,
  DELETE_SESSION,
  SEND_COMMAND,
} from "./scripts.ts";

const CALL_MS = 15_000;
/** Longer than anybody waits for a command that is not sent off. */
const WAIT_MS = 24 * 3_600_000;

export interface CommandInfo {
  id: string;
  command: string;
  exitCode?: number;
}

/** The shells inside one run of a sandbox. They end with it. */
export class Sessions {
  private readonly machine: RunningMachine;
  private readonly sessions = new Map<string, { id: string; command: string }[]>();

  constructor(machine: RunningMachine) {
    this.machine = machine;
  }

  list(): string[] {
    return [...this.sessions.keys()];
  }

  async create(id: string): Promise<void> {
    // A name becomes a folder's.
    if (!/^[\w-][\w.-]{0,127}$/.test(id)) throw invalid("invalid session id");
    const { ending } = await this.call(CREATE_SESSION, [id]);
    if (ending.code === CODES.exists) throw sessionExists();
    this.sessions.set(id, []);
  }

  async start(session: string, command: string): Promise<string> {
    const id = randomUUID();
    this.commandsOf(session).push({ id, command });
    const { ending } = await this.call(SEND_COMMAND, [session, id], { stdin: `{\n${command}\n` });
    refuse(ending.code);
    return id;
  }

  async wait(session: string, command: string): Promise<number> {
    const { ending, stdout } = await this.call(COMMAND_CODE, [session, command, "wait"], {
      timeoutMs: WAIT_MS,
    });
    refuse(ending.code);
    return Number(stdout);
  }

  async command(session: string, id: string): Promise<CommandInfo> {
    const known = this.commandsOf(session).find((candidate) => candidate.id === id);
    if (!known) throw commandNotFound();
    const { ending, stdout } = await this.call(COMMAND_CODE, [session, id, ""]);
    refuse(ending.code);
    return stdout === "" ? known : { ...known, exitCode: Number(stdout) };
  }

  async commands(session: string): Promise<CommandInfo[]> {
    const known = this.commandsOf(session);
    return Promise.all(known.map((entry) => this.command(session, entry.id).catch(() => entry)));
  }

  async logs(session: string, id: string): Promise<{ stdout: string; stderr: string }> {
    if (!this.commandsOf(session).some((candidate) => candidate.id === id)) throw commandNotFound();
    const { ending, stdout, stderr } = await this.call(COMMAND_LOGS, [session, id]);
    refuse(ending.code);
    return { stdout, stderr };
  }

  async delete(session: string): Promise<void> {
    this.commandsOf(session);
    await this.call(DELETE_SESSION, [session]);
    this.sessions.delete(session);
  }

  private commandsOf(session: string): { id: string; command: string }[] {
    const commands = this.sessions.get(session);
    if (!commands) throw sessionNotFound();
    return commands;
  }

  private call(
    script: string,
    parameters: string[],
    more: { stdin?: string; timeoutMs?: number } = {},
  ): Promise<ExecResult> {
    return runInside(this.machine, {
      argv: ["/bin/sh", "-c", script, "daytona", ...parameters],
      timeoutMs: CALL_MS,
      ...more,
    });
  }
}

/** @throws DaytonaError when the sandbox goes down under it. */
export async function runInside(
  machine: RunningMachine,
  request: Parameters<RunningMachine["exec"]>[0],
): Promise<ExecResult> {
  try {
    return await machine.exec(request);
  } catch (error) {
    if (error instanceof MachineGoneError) throw sandboxLost();
    throw error;
  }
}

function refuse(code: number | null): void {
  if (code === CODES.noSession) throw sessionNotFound();
  if (code === CODES.noCommand) throw commandNotFound();
  if (code === CODES.ended) throw sessionEnded();
}
