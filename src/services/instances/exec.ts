import { AppError } from "../../errors.ts";
import { newExecId } from "../../ids.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { ExecRequest, ExecResult, Outcome, Substrate } from "../../providers/provider.ts";
import {
  type Command,
  type Exec,
  type Offsets,
  type PollResult,
  runExec,
} from "../../provisioning/exec/run.ts";
import { findProvider, targetOf } from "../../provisioning/wiring.ts";
import { BODY_HOME } from "../bodies/command.ts";
import type { Ctx } from "../context.ts";
import { type CommandLimits, endSeenExec, freeExecSlot, takeExecSlot, withExecSlot } from "./exec-slots.ts";
import { getInstance } from "./read.ts";
import { auditedExec, recordEnd, recorder } from "./record-use.ts";
import { wakeInstance } from "./wake.ts";

export type { Command, Exec } from "../../provisioning/exec/run.ts";

/** One call of the vendor's exec on one machine. */
export type ExecCall = (request: ExecRequest) => Promise<Outcome<ExecResult>>;

interface OpenMachine {
  instanceId: string;
  call: ExecCall;
  substrate: Substrate;
  /** Where its commands begin, unless they say otherwise; absent leaves that to the machine. */
  home?: string;
}

export interface OpenCommand {
  instanceId: string;
  exec: Exec;
  substrate: Substrate;
}

/**
 * A running machine to execute in. A suspended instance is woken first, one that is starting is waited for, once `gate`
 * has let it pass; until then nothing is touched.
 * @throws invalid_state with the current state when it does not run; not_configured without its provider.
 */
export async function openMachine(ctx: Ctx, name: string, gate?: Promise<void>): Promise<OpenMachine> {
  const row = await getReachable(ctx, name, gate);
  const provider = findProvider(ctx.env, row.provider);
  if (!provider) {
    throw new AppError("not_configured", `The provider "${row.provider}" is not configured.`);
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
  // Where other vendors put a body's files is theirs to say.
  const home = row.exposure === "private" && substrate === "fly-machine" ? { home: BODY_HOME } : {};
  return { instanceId: row.id, call, substrate, ...home };
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
    const { instanceId, call, substrate, home } = await openMachine(ctx, name, slot);
    const exec = beginAt(home, runExec({ exec: call, substrate, newId: () => execId }));
    const audited = auditedExec(exec, recorder(ctx, instanceId, "instance.exec"));
    return { instanceId, exec: withExecSlot(ctx, audited, execId), substrate };
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
  const { instanceId, call, substrate } = await openMachine(ctx, name);
  const outcome = await runExec({ exec: call, substrate }).poll(execId, offsets);
  if (outcome.type === "ok" && outcome.value.exit) {
    const record = recorder(ctx, instanceId, "instance.exec");
    ctx.background(endSeenExec(ctx, execId, () => recordEnd(record, execId, outcome.value.exit)));
  }
  return { outcome, substrate };
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

async function getReachable(ctx: Ctx, name: string, gate?: Promise<void>): Promise<InstanceRow> {
  const found = await getInstance(ctx, name);
  await gate;
  const row = await wakeInstance(ctx, found);
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
