/**
 * One command in a sandbox. The vendor's plain `execute` mixes both outputs and loses them when it takes too long, so each
 * command gets a session of its own, in which it is started without waiting, looked at, read and cleaned up.
 */
import { secretsOfExec } from "../exec-secrets.ts";
import type { ExecRequest, ExecResult, Outcome } from "../provider.ts";
import type { DaytonaApi } from "./api.ts";
import type { Failure } from "./classify.ts";
import { readOutputs } from "./outputs.ts";
import { quote } from "./shell.ts";
import { BOOT_VARIABLE } from "./spec.ts";

export interface ExecDeps {
  api: DaytonaApi;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

const POLL_MS = { first: 30, most: 500 };
/** Reading what a command said is tried this often: it has run, and only its words are missing. */
const READS = 3;
const READ_PAUSE_MS = 300;

export async function execute(
  deps: ExecDeps,
  sandbox: string,
  request: ExecRequest,
): Promise<Outcome<ExecResult>> {
  const session = `gentity-${crypto.randomUUID()}`;
  const opened = await deps.api.createSession(sandbox, session);
  if (!opened.ok) {
    // Nothing has run; at most an empty session was left behind.
    if (opened.failure.outcome.type !== "unknown") return outcomeOf(opened.failure);
    await deps.api.deleteSession(sandbox, session);
    return { type: "retry", afterMs: 500, cause: opened.failure.outcome.cause };
  }
  const outcome = await runIn(deps, { sandbox, session, request });
  // Ends the command if it still runs. A session that could not be deleted ends with the sandbox's next stop.
  const deleted = await deps.api.deleteSession(sandbox, session);
  if (!deleted.ok && deleted.failure.kind === "other") await deps.api.deleteSession(sandbox, session);
  return outcome;
}

interface Run {
  sandbox: string;
  session: string;
  request: ExecRequest;
}

async function runIn(deps: ExecDeps, { sandbox, session, request }: Run): Promise<Outcome<ExecResult>> {
  const { api, now, sleep } = deps;
  const until = now() + request.timeoutSeconds * 1000;
  const started = await startCommand(api, { sandbox, session, request });
  if (started.type !== "ok") return started;
  const command = started.value;
  let pause = POLL_MS.first;
  for (;;) {
    const seen = await api.getCommand(sandbox, session, command);
    if (seen.ok && seen.value.exitCode !== undefined && seen.value.exitCode !== null) {
      return readResult(deps, { sandbox, session, command, exitCode: seen.value.exitCode });
    }
    if (!seen.ok && seen.failure.outcome.type === "rejected") {
      // It has begun, so whatever this refusal says, it may have had its effect.
      return { type: "unknown", cause: `${seen.failure.outcome.message}; the command had been started` };
    }
    const remaining = until - now();
    if (remaining <= 0) {
      const cause = `The command still ran after ${request.timeoutSeconds} s and was ended`;
      return { type: "unknown", cause };
    }
    await sleep(Math.min(pause, remaining));
    pause = Math.min(pause * 1.5, POLL_MS.most);
  }
}

/** After a lost answer the session itself tells whether the command arrived: it is ours alone. */
async function startCommand(api: DaytonaApi, { sandbox, session, request }: Run): Promise<Outcome<string>> {
  const line = commandLine(request);
  const started = await api.startCommand(sandbox, session, line, [line, ...secretsOfExec(request)]);
  if (started.ok) return { type: "ok", value: started.value.cmdId };
  const { outcome } = started.failure;
  if (outcome.type !== "unknown") return outcomeOf(started.failure);
  const known = await api.getSession(sandbox, session);
  const [command] = known.ok ? known.value.commands : [];
  return command === undefined ? outcome : { type: "ok", value: command.id };
}

async function readResult(
  { api, sleep }: ExecDeps,
  run: { sandbox: string; session: string; command: string; exitCode: number },
): Promise<Outcome<ExecResult>> {
  for (let tries = 1; ; tries++) {
    const logs = await api.commandLogs(run.sandbox, run.session, run.command);
    if (logs.ok) return { type: "ok", value: { exitCode: run.exitCode, ...readOutputs(logs.value) } };
    const { outcome } = logs.failure;
    if (tries === READS || outcome.type === "rejected") {
      const why = outcome.type === "rejected" ? outcome.message : "cause" in outcome ? outcome.cause : "";
      return { type: "unknown", cause: `The command has run, and its output could not be read: ${why}` };
    }
    await sleep(READ_PAUSE_MS);
  }
}

/**
 * One line for the session's shell. `printf` is part of the shell, so what is fed to the command stands in no process list;
 * the boot program, which may hold files, is no business of a command.
 */
function commandLine({ command, stdin }: ExecRequest): string {
  const run = `(unset ${BOOT_VARIABLE}; exec ${command.map(quote).join(" ")})`;
  if (stdin === undefined || stdin === "") return `${run} </dev/null`;
  return `printf %s ${quote(toBase64(stdin))} | base64 -d | ${run}`;
}

function outcomeOf({ kind, outcome }: Failure): Outcome<never> {
  if (kind === "absent") return { type: "rejected", code: "missing", message: "The sandbox is gone" };
  return outcome;
}

function toBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
