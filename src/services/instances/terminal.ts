import type { Env } from "../../env.ts";
import { AppError } from "../../errors.ts";
import { newExecId } from "../../ids.ts";
import { instanceStub } from "../../instance/stub.ts";
import { openSocketTerminal } from "../../provisioning/terminal/socket-terminal.ts";
import { openTerminal, type Terminal } from "../../provisioning/terminal/terminal.ts";
import { type Ctx, newContext } from "../context.ts";
import { openMachine } from "./exec.ts";
import { recorder } from "./record-use.ts";
import { untilShutOut } from "./until-shut-out.ts";
import { CONNECTED_MS, workUntil } from "./work.ts";

export type { Terminal } from "../../provisioning/terminal/terminal.ts";

export interface OpenTerminal {
  terminal: Terminal;
  /** Resolves with why, when nothing more may pass, either way: the instance was handed over, or they are no longer let in. */
  shutOut: Promise<string>;
}

interface Size {
  cols: number;
  rows: number;
}

/** A shell in a real terminal on the instance's machine. A suspended instance is woken first. */
export async function openTerminalOf(ctx: Ctx, name: string, size: Size): Promise<OpenTerminal> {
  const work = { id: newExecId(), reason: "a terminal is open", ms: CONNECTED_MS };
  const { instanceId, call, pty } = await openMachine(ctx, name, { work });
  const terminal = pty
    ? openSocketTerminal({ open: pty, sessionId: work.id, ...size })
    : openTerminal({ exec: call, ...size });
  workUntil(ctx, instanceId, work, terminal.exit);
  const record = recorder(ctx, instanceId, "instance.terminal");
  const { sessionId } = terminal;
  record({ event: "opened", sessionId });
  ctx.background(
    terminal.exit.then(({ exitCode, signal }) => record({ event: "closed", sessionId, exitCode, signal })),
  );
  return { terminal, shutOut: untilShutOut(ctx, instanceId, terminal.exit) };
}

/** The same for whoever holds a ticket of this instance. @throws unauthorized when it was used, has expired, or never was. */
export async function openTerminalWithTicket(
  env: Env,
  {
    instanceId,
    ticket,
    ...request
  }: { instanceId: string; ticket: string } & Pick<Ctx, "requestId" | "background">,
  size: Size,
): Promise<OpenTerminal> {
  const isId = /^cmp[a-z0-9]{10,40}$/.test(instanceId);
  const stub = instanceStub(env, instanceId);
  const grant = isId ? await stub.takeTicket(ticket) : undefined;
  if (!grant) {
    throw new AppError("unauthorized", "The ticket was used, has expired, or never was.");
  }
  const { accountId, actor, sessionId = null } = grant;
  const who = { accountId, actor, sessionId };
  return openTerminalOf(newContext(env, who, { ...request, now: Date.now() }), instanceId, size);
}
