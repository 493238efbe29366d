import type { Env } from "../../env.ts";
import { AppError } from "../../errors.ts";
import { instanceStub } from "../../instance/stub.ts";
import { openTerminal, type Terminal } from "../../provisioning/terminal/terminal.ts";
import { type Ctx, newContext } from "../context.ts";
import { openMachine } from "./exec.ts";
import { recorder } from "./record-use.ts";

export type { Terminal } from "../../provisioning/terminal/terminal.ts";

interface Size {
  cols: number;
  rows: number;
}

/** A shell in a real terminal on the instance's machine. A suspended instance is woken first. */
export async function openTerminalOf(ctx: Ctx, name: string, size: Size): Promise<Terminal> {
  const { instanceId, call } = await openMachine(ctx, name);
  const terminal = openTerminal({ exec: call, ...size });
  const record = recorder(ctx, instanceId, "instance.terminal");
  const { sessionId } = terminal;
  record({ event: "opened", sessionId });
  ctx.background(
    terminal.exit.then(({ exitCode, signal }) => record({ event: "closed", sessionId, exitCode, signal })),
  );
  return terminal;
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
): Promise<Terminal> {
  const isId = /^cmp[a-z0-9]{10,40}$/.test(instanceId);
  const stub = instanceStub(env, instanceId);
  const grant = isId ? await stub.takeTicket(ticket) : undefined;
  const row = grant && (await stub.get());
  if (!grant || !row) {
    throw new AppError("unauthorized", "The ticket was used, has expired, or never was.");
  }
  const who = { accountId: row.accountId, actor: grant.actor };
  return openTerminalOf(newContext(env, who, { ...request, now: Date.now() }), instanceId, size);
}
