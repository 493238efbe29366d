import { newGeneratedSecret } from "../../ids.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { Ctx } from "../context.ts";
import { resolveInstance } from "./resolve.ts";

/** Long enough to open a connection with, in milliseconds. */
const TICKET_MS = 60_000;

export interface Ticket {
  instanceId: string;
  ticket: string;
  expiresAt: number;
}

/** Opens one terminal, once, within a minute: what stands in a URL may end in a log, so it is worth nothing there. */
export async function createTerminalTicket(ctx: Ctx, name: string): Promise<Ticket> {
  const row = await resolveInstance(ctx, name);
  const ticket = newGeneratedSecret();
  const expiresAt = ctx.now + TICKET_MS;
  await instanceStub(ctx.env, row.id).keepTicket(ticket, {
    expiresAt,
    accountId: ctx.accountId,
    actor: ctx.actor,
    sessionId: ctx.sessionId ?? undefined,
  });
  return { instanceId: row.id, ticket, expiresAt };
}
