import { AppError } from "../../errors.ts";
import { newExecId } from "../../ids.ts";
import type { Work } from "../../instance/activity.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { ExecRequest, ExecResult, Outcome, PtySocket, Substrate } from "../../providers/provider.ts";
import {
  type Command,
  type Exec,
  type Offsets,
  type PollResult,
  runExec,
} from "../../provisioning/exec/run.ts";
import { HOW_TO_CONFIGURE } from "../../provisioning/how-to-configure.ts";
import { findProvider, targetOf } from "../../provisioning/wiring.ts";
import { BODY_HOME } from "../bodies/command.ts";
import type { Ctx } from "../context.ts";
import { type CommandLimits, endSeenExec, freeExecSlot, freeWhenOver, takeExecSlot } from "./exec-slots.ts";
import { auditedExec, recordEnd, recorder } from "./record-use.ts";
import { wakeInstance } from "./wake.ts";
import { beginWork, endWork } from "./work.ts";

export type { Command, Exec } from "../../provisioning/exec/run.ts";

/**
 * How long a command keeps its machine awake without another word, in milliseconds: its own time where that is short. What
 * goes on for longer is found by a look into the machine before that is put to sleep.
 */
const WORK_MS = { most: 10 * 60_000, detached: 10_000, margin: 30_000 };
const DEFAULT_SECONDS = 60;

/** One call of the vendor's exec on one machine. */
export type ExecCall = (request: ExecRequest) => Promise<Outcome<ExecResult>>;

interface OpenOptions {
  /** What the machine is wanted for; it is not put to sleep meanwhile. Whoever opened it ends that. */
  work: Work;
  gate?: Promise<void>;
}

interface OpenMachine {
  instanceId: string;
  call: ExecCall;
  substrate: Substrate;
  /** Where the provider has terminals as such. */
  pty?: (size: { cols: number; rows: number }) => Promise<Outcome<PtySocket>>;
  /** Where its commands begin, unless they say otherwise; absent leaves that to the machine. */
  home?: string;
}

export interface OpenCommand {
  instanceId: string;
  exec: Exec;
  substrate: Substrate;
  /** Instead of running it: whoever asked has gone meanwhile. */
  giveUp: () => void;
}

/**
 * A running machine to execute in. A suspended instance is woken first, one that is starting is waited for, once `gate`
 * has let it pass; until then nothing at the vendor is touched.
 * @throws invalid_state with the current state when it does not run; not_configured without its provider.
 */
export async function openMachine(ctx: Ctx, name: string, options: OpenOptions): Promise<OpenMachine> {
  const row = await getReachable(ctx, name, options);
  const provider = findProvider(ctx.env, row.provider);
  if (!provider) {
    throw new AppError("not_configured", `The provider "${row.provider}" is not configured.`, {
      hint: HOW_TO_CONFIGURE[row.provider],
    });
  }
  const target = targetOf(row);
  const stub = instanceStub(ctx.env, row.id);
  let isFirst = true;
  const call: ExecCall = async (request) => {
    // The first follows the look above; before a later one the instance may have been handed over.
    if (!isFirst && !(await stub.isStillOf(ctx.accountId, 0))) {
      return { type: "rejected", code: "missing", message: "The instance is no longer this account's" };
    }
    isFirst = false;
    return provider.exec(target, request);
  };
  const { substrate } = provider;
  const pty = provider.pty?.bind(provider, target);
  const home = row.exposure === "private" ? { home: BODY_HOME } : {};
  return { instanceId: row.id, call, substrate, ...(pty && { pty }), ...home };
}

/**
 * One command on an instance's machine, within what the account may run at once. Throws as `openMachine` does, and
 * too_many_execs. `execId` names it: the machine runs one of a name once, so the same request made twice does not.
 */
export async function openCommand(
  ctx: Ctx,
  name: string,
  { execId = newExecId(), ...limits }: CommandLimits & { execId?: string },
): Promise<OpenCommand> {
  // Beside looking the instance up, so that counting costs a command no time.
  const slot = takeExecSlot(ctx, execId, limits);
  // Where the look-up fails first, its failure is the one that is told.
  slot.catch(() => undefined);
  try {
    const { instanceId, call, substrate, home } = await openMachine(ctx, name, {
      gate: slot,
      work: { id: execId, reason: `the command ${execId} is running`, ms: workMs(limits) },
    });
    const exec = beginAt(home, runExec({ exec: call, substrate, newId: () => execId }));
    const audited = auditedExec(exec, recorder(ctx, instanceId, "instance.exec"));
    const free = () => {
      freeExecSlot(ctx, execId);
      endWork(ctx, instanceId, execId);
    };
    return { instanceId, exec: freeWhenOver(audited, free), substrate, giveUp: free };
  } catch (error) {
    // After it was taken, or it would stay; and not where it was refused.
    ctx.background(slot.then(() => freeExecSlot(ctx, execId)).catch(() => undefined));
    throw error;
  }
}

/** What became of a detached command. Throws as `openMachine` does. */
export async function pollExec(
  ctx: Ctx,
  name: string,
  { execId, offsets }: { execId: string; offsets: Offsets },
): Promise<{ outcome: Outcome<PollResult>; substrate: Substrate }> {
  const work = { id: execId, reason: `the command ${execId} is looked at`, ms: WORK_MS.detached };
  const { instanceId, call, substrate } = await openMachine(ctx, name, { work });
  const outcome = await runExec({ exec: call, substrate }).poll(execId, offsets);
  const isKnown = outcome.type !== "rejected";
  if (!isKnown || (outcome.type === "ok" && outcome.value.exit)) {
    endWork(ctx, instanceId, execId);
  }
  if (outcome.type === "ok" && outcome.value.exit) {
    const record = recorder(ctx, instanceId, "instance.exec");
    ctx.background(endSeenExec(ctx, execId, () => recordEnd(record, execId, outcome.value.exit)));
  }
  return { outcome, substrate };
}

function workMs({ timeoutSeconds = DEFAULT_SECONDS, detach }: CommandLimits): number {
  return detach ? WORK_MS.detached : Math.min(timeoutSeconds * 1_000 + WORK_MS.margin, WORK_MS.most);
}

function beginAt(home: string | undefined, exec: Exec): Exec {
  const at = (command: Command): Command => ({ ...command, cwd: command.cwd ?? home });
  return {
    ...exec,
    runToEnd: (command) => exec.runToEnd(at(command)),
    stream: (command) => exec.stream(at(command)),
    startDetached: (command) => exec.startDetached(at(command)),
  };
}

async function getReachable(ctx: Ctx, name: string, { gate, work }: OpenOptions): Promise<InstanceRow> {
  const found = await beginWork(ctx, name, work);
  try {
    await gate;
    return requireRunning(await wakeInstance(ctx, found));
  } catch (error) {
    endWork(ctx, found.id, work.id);
    throw error;
  }
}

function requireRunning(row: InstanceRow): InstanceRow {
  if (row.state !== "running") {
    throw new AppError("invalid_state", `The instance is ${row.state}; commands run only in a running one.`, {
      hint:
        row.state === "stopped"
          ? `Start it with: gentity compute start ${row.subdomain}`
          : (row.problem?.hint ?? "Wait until it runs."),
      details: [{ status: row.state }],
    });
  }
  return row;
}
