import { and, eq, isNull, lt } from "drizzle-orm";
import { idempotencyKeys } from "../db/schema.ts";
import { AppError } from "../errors.ts";
import { answerContext, seal, unseal } from "../secrets/seal.ts";
import { keep } from "./commit.ts";
import type { Ctx } from "./context.ts";

const KEEP_MS = 24 * 60 * 60_000;
/** A first request that is silent for this long has died; the same request may then run again, on the same reserved id. */
const LEASE_MS = 3 * 60_000;

export interface Answer {
  status: number;
  body: string;
}

export type Reservation =
  /** Go ahead; whatever is made gets this id, also when an earlier try made it already. */
  { type: "go"; resourceId: string } | { type: "replay"; answer: Answer };

/**
 * Reserves a key for one request. `resourceId` is what a new resource would be called; the one returned counts.
 * @throws idempotency_conflict when the key was used with another request; idempotency_in_progress while the first runs.
 */
export async function reserveKey(
  ctx: Ctx,
  input: { key: string; requestHash: string; resourceId: string },
): Promise<Reservation> {
  const { db, accountId, now } = ctx;
  const mine = and(eq(idempotencyKeys.accountId, accountId), eq(idempotencyKeys.key, input.key));
  const fresh = {
    accountId,
    ...input,
    createdAt: now,
    leaseUntil: now + LEASE_MS,
    status: null,
    sealedAnswer: null,
  };
  // Free, or forgotten: it is ours. Anything else is left as it is and read below.
  const [won] = await db
    .insert(idempotencyKeys)
    .values(fresh)
    .onConflictDoUpdate({
      target: [idempotencyKeys.accountId, idempotencyKeys.key],
      set: fresh,
      setWhere: lt(idempotencyKeys.createdAt, now - KEEP_MS),
    })
    .returning({ resourceId: idempotencyKeys.resourceId });
  if (won) {
    return { type: "go", resourceId: won.resourceId };
  }
  const [known] = await db.select().from(idempotencyKeys).where(mine).limit(1);
  if (!known || known.requestHash !== input.requestHash) {
    throw new AppError("idempotency_conflict", "This Idempotency-Key was used with another request.", {
      hint: "Use a new key for a new request.",
    });
  }
  if (known.status !== null && known.sealedAnswer !== null) {
    const body = await unseal(
      ctx.config.sealingKeys,
      answerContext(accountId, input.key),
      known.sealedAnswer,
    );
    return { type: "replay", answer: { status: known.status, body } };
  }
  const [taken] = await db
    .update(idempotencyKeys)
    .set({ leaseUntil: now + LEASE_MS })
    .where(and(mine, isNull(idempotencyKeys.status), lt(idempotencyKeys.leaseUntil, now)))
    .returning({ resourceId: idempotencyKeys.resourceId });
  if (!taken) {
    throw new AppError(
      "idempotency_in_progress",
      "The first request with this Idempotency-Key is still running.",
      {
        hint: "Wait a moment and ask again with the same key.",
        retryAfterSeconds: 2,
      },
    );
  }
  return { type: "go", resourceId: taken.resourceId };
}

/** Keeps the answer, sealed: it may hold a token. */
export async function keepAnswer(ctx: Ctx, key: string, answer: Answer): Promise<void> {
  const sealedAnswer = await seal(ctx.config.sealingKeys, answerContext(ctx.accountId, key), answer.body);
  const mine = and(eq(idempotencyKeys.accountId, ctx.accountId), eq(idempotencyKeys.key, key));
  await keep(ctx.db, ctx.db.update(idempotencyKeys).set({ status: answer.status, sealedAnswer }).where(mine));
}

/** The request failed on our side: the same key may try again at once, on the same reserved id. */
export async function freeKey(ctx: Ctx, key: string): Promise<void> {
  const mine = and(eq(idempotencyKeys.accountId, ctx.accountId), eq(idempotencyKeys.key, key));
  await keep(ctx.db, ctx.db.update(idempotencyKeys).set({ leaseUntil: 0 }).where(mine));
}

/** Forgets keys past their day; the index by age keeps it to those. */
export async function forgetOldKeys(ctx: Pick<Ctx, "db" | "now">): Promise<void> {
  await keep(ctx.db, ctx.db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, ctx.now - KEEP_MS)));
}
