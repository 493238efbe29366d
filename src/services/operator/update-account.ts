import { eq } from "drizzle-orm";
import { auditEntry } from "../../audit/entry.ts";
import { accounts } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";
import type { AccountRow } from "./create-account.ts";

export interface AccountChange {
  quota?: { instances?: number; memoryMb?: number; execConcurrency?: number };
  /** Null takes the budget away. */
  budget?: { limitMicros: number; action?: AccountRow["budgetAction"] } | null;
  suspended?: boolean;
}

type Limits = Pick<
  AccountRow,
  | "maxInstances"
  | "maxMemoryMb"
  | "maxExecConcurrency"
  | "monthlyBudgetMicros"
  | "budgetAction"
  | "suspendedAt"
>;

/** Changes what an account may use. What it has already is left alone. @throws not_found */
export async function updateAccount(ctx: Ctx, id: string, change: AccountChange): Promise<AccountRow> {
  const before = await findAccount(ctx, id);
  if (!before) {
    throw notFound(id);
  }
  const set = columnsOf(change, before, ctx.now);
  const audit = auditEntry({
    accountId: id,
    actor: ctx.actor,
    action: "account.update",
    target: id,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { before: pick(before, set), after: set },
  });
  if (!(await commit(ctx.db, ctx.db.update(accounts).set(set).where(eq(accounts.id, id)), audit))) {
    throw notFound(id);
  }
  return { ...before, ...set };
}

async function findAccount(ctx: Ctx, id: string): Promise<AccountRow | undefined> {
  const [row] = await ctx.db.select().from(accounts).where(eq(accounts.id, id)).limit(1);
  return row;
}

function columnsOf({ quota = {}, budget, suspended }: AccountChange, row: AccountRow, now: number) {
  const set: Partial<Limits> = {};
  if (quota.instances !== undefined) {
    set.maxInstances = quota.instances;
  }
  if (quota.memoryMb !== undefined) {
    set.maxMemoryMb = quota.memoryMb;
  }
  if (quota.execConcurrency !== undefined) {
    set.maxExecConcurrency = quota.execConcurrency;
  }
  if (budget !== undefined) {
    set.monthlyBudgetMicros = budget?.limitMicros ?? null;
    set.budgetAction = budget?.action ?? row.budgetAction;
  }
  if (suspended !== undefined) {
    // Suspended again keeps the time of the first.
    set.suspendedAt = suspended ? (row.suspendedAt ?? now) : null;
  }
  return set;
}

function pick(row: AccountRow, set: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(Object.keys(set).map((key) => [key, row[key as keyof Limits]]));
}

function notFound(id: string): AppError {
  return new AppError("not_found", `There is no account "${id.slice(0, 64)}".`, {
    hint: "List them with: gentity admin accounts list",
  });
}
