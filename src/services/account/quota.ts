import { and, eq, getTableColumns, isNull, notInArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, instances } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import type { MachineSpec } from "../../providers/provider.ts";

export interface Used {
  used: number;
  limit: number;
}
export interface Quota {
  instances: Used;
  memoryMb: Used;
}

/** What an account holds. A failed instance holds nothing, nor does one whose deletion drags on at the vendor. */
function heldBy(db: Db, accountId: string) {
  return db
    .select({
      instances: sql<number>`count(*)`.as("held_instances"),
      memoryMb: sql<number>`coalesce(sum(json_extract(${instances.spec}, '$.memoryMb')), 0)`.as(
        "held_memory_mb",
      ),
    })
    .from(instances)
    .where(
      and(
        eq(instances.accountId, accountId),
        isNull(instances.deletedAt),
        notInArray(instances.state, ["error", "deleting"]),
      ),
    )
    .as("held");
}

/**
 * Inserts an instance where the quota has room for it, else nothing: counted and written in one statement, so that of many
 * at once no more get in than there is room for.
 */
export function insertWithinQuota(db: Db, row: InstanceRow) {
  const columns = Object.entries(getTableColumns(instances));
  const values = columns.map(([key, column]) => sql`${sql.param(row[key as keyof InstanceRow], column)}`);
  const held = heldBy(db, row.accountId);
  return db.insert(instances).select(
    sql`SELECT ${sql.join(values, sql`, `)} FROM ${accounts}, ${held}
      WHERE ${accounts.id} = ${row.accountId} AND ${held.instances} < ${accounts.maxInstances}
        AND ${held.memoryMb} + ${row.spec.memoryMb} <= ${accounts.maxMemoryMb}`,
  );
}

export async function readQuota(db: Db, accountId: string): Promise<Quota> {
  const held = heldBy(db, accountId);
  const [row] = await db
    .select({
      maxInstances: accounts.maxInstances,
      maxMemoryMb: accounts.maxMemoryMb,
      instances: held.instances,
      memoryMb: held.memoryMb,
    })
    .from(accounts)
    .innerJoin(held, sql`true`)
    .where(eq(accounts.id, accountId));
  if (!row) {
    throw new AppError("not_found", "There is no such account.");
  }
  return {
    instances: { used: row.instances, limit: row.maxInstances },
    memoryMb: { used: row.memoryMb, limit: row.maxMemoryMb },
  };
}

/** For an instance that is there already and is to hold quota again. @throws quota_exceeded */
export async function requireRoom(db: Db, accountId: string, spec: MachineSpec): Promise<void> {
  const quota = await readQuota(db, accountId);
  if (!hasRoom(quota, spec)) {
    throw describe(quota, spec);
  }
}

/**
 * For an instance that holds quota while it is down. A failed one that was stopped holds it again without having been asked
 * (stopping is never refused, because it saves money), and an operator may lower a limit: over it nothing starts.
 * @throws quota_exceeded
 */
export async function requireNotOver(db: Db, accountId: string): Promise<void> {
  const quota = await readQuota(db, accountId);
  const { instances: count, memoryMb } = quota;
  if (count.used > count.limit || memoryMb.used > memoryMb.limit) {
    throw refusal(
      quota,
      `The account holds ${count.used} of ${count.limit} instances and ${memoryMb.used} of ${memoryMb.limit} MB of memory, so nothing more is started.`,
    );
  }
}

/** Why there was no room a moment ago, with how much is used now. */
export async function quotaExceeded(db: Db, accountId: string, spec: MachineSpec): Promise<AppError> {
  return describe(await readQuota(db, accountId), spec);
}

function hasRoom({ instances: count, memoryMb }: Quota, spec: MachineSpec): boolean {
  return count.used < count.limit && memoryMb.used + spec.memoryMb <= memoryMb.limit;
}

function describe({ instances: count, memoryMb }: Quota, spec: MachineSpec): AppError {
  const isMemory = count.used < count.limit;
  const message = isMemory
    ? `The account uses ${memoryMb.used} of ${memoryMb.limit} MB of memory; this needs ${spec.memoryMb} MB.`
    : `The account has ${count.used} of ${count.limit} instances.`;
  return refusal({ instances: count, memoryMb }, message);
}

function refusal({ instances: count, memoryMb }: Quota, message: string): AppError {
  return new AppError("quota_exceeded", message, {
    hint: "Delete what is not needed (gentity compute list), or ask the operator for more.",
    details: [
      { resource: "instances", ...count },
      { resource: "memoryMb", ...memoryMb },
    ],
  });
}
