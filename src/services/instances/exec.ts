import { AppError } from "../../errors.ts";
import { newExecId } from "../../ids.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { ExecRequest, ExecResult, Outcome, Substrate } from "../../providers/provider.ts";
import { type Exec, runExec } from "../../provisioning/exec/run.ts";
import { findProvider, targetOf } from "../../provisioning/wiring.ts";
import { type Ctx, causeOf } from "../context.ts";
import { getInstance } from "./read.ts";
import { driveUntilSettled } from "./settle.ts";

export type { Command, Exec } from "../../provisioning/exec/run.ts";

/** Waking takes seconds; a caller with a command is held this long, in milliseconds. */
const WAKE_MS = 60_000;

/** One call of the vendor's exec on one machine. */
export type ExecCall = (request: ExecRequest) => Promise<Outcome<ExecResult>>;

/**
 * A running machine to execute in. A suspended instance is woken first, one that is starting is waited for.
 * @throws invalid_state with the current state when it does not run; not_configured without its provider.
 */
export async function openMachine(
  ctx: Ctx,
  name: string,
): Promise<{ instanceId: string; call: ExecCall; substrate: Substrate }> {
  const row = await getReachable(ctx, name);
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
  return { instanceId: row.id, call, substrate: provider.substrate };
}

/**
 * Commands on an instance's machine. Throws as `openMachine` does.
 * `execId` names the next command: the machine runs one of a name once, so the same request made twice does not.
 */
export async function openExec(
  ctx: Ctx,
  name: string,
  execId?: string,
): Promise<{ exec: Exec; substrate: Substrate }> {
  const { call, substrate } = await openMachine(ctx, name);
  return { exec: runExec({ exec: call, substrate, newId: () => execId ?? newExecId() }), substrate };
}

async function getReachable(ctx: Ctx, name: string): Promise<InstanceRow> {
  const found = await getInstance(ctx, name);
  const row = await wake(ctx, found);
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

async function wake(ctx: Ctx, row: InstanceRow): Promise<InstanceRow> {
  const stub = instanceStub(ctx.env, row.id);
  if (row.state === "suspended") {
    await stub.intend("resume", causeOf(ctx));
    return driveUntilSettled(ctx, stub, row, WAKE_MS);
  }
  return row.state === "starting" ? driveUntilSettled(ctx, stub, row, WAKE_MS) : row;
}
