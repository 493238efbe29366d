import { and, asc, desc, eq, gt, inArray, lte, max } from "drizzle-orm";
import { signHead } from "../../audit/keys.ts";
import { auditEvents, auditHeads, auditSigning } from "../../db/schema.ts";
import { instanceStub } from "../../instance/stub.ts";
import { logEvent } from "../../log.ts";
import { keep } from "../commit.ts";
import type { Ctx } from "../context.ts";

type SigningCtx = Pick<Ctx, "env" | "db" | "config" | "now">;
type Candidate = { chain: string; accountId: string; seq: number; hash: string };

/** Events that are looked at in one go; at most as many chains have moved. */
const PAGE = 200;
/** Together with the page: what one run of a cron may ask of D1 and the objects. What is left is the next run's. */
const PAGES = 4;
/** D1 takes 100 parameters a statement. */
const LOOKUP = 90;

/** Sets the goal of the nightly run: every chain that has moved since the last one, up to this moment. */
export async function beginSigning({ db, config }: SigningCtx): Promise<void> {
  if (config.auditKeys.length > 0) {
    const [newest] = await db.select({ position: max(auditEvents.position) }).from(auditEvents);
    await keep(db, db.update(auditSigning).set({ until: newest?.position ?? 0 }));
  }
}

/** Signs the heads that are still to be signed, as far as one run may go. Run twice, it signs nothing twice. */
export async function signHeads(ctx: SigningCtx): Promise<void> {
  const [key] = ctx.config.auditKeys;
  for (let page = 0; key && page < PAGES; page++) {
    const [progress] = await ctx.db.select().from(auditSigning).limit(1);
    if (!progress || progress.done >= progress.until) {
      return;
    }
    const moved = await ctx.db
      .select({ position: auditEvents.position, chain: auditEvents.chain, accountId: auditEvents.accountId })
      .from(auditEvents)
      .where(and(gt(auditEvents.position, progress.done), lte(auditEvents.position, progress.until)))
      .orderBy(asc(auditEvents.position))
      .limit(PAGE);
    const accountOf = new Map(moved.map(({ chain, accountId }) => [chain, accountId]));
    const signed = await lastSigned(ctx, [...accountOf.keys()]);
    const heads = await Promise.all(
      [...accountOf].map(([chain, accountId]) => findHead(ctx, chain, accountId, signed.get(chain))),
    );
    const at = new Date(ctx.now).toISOString();
    const rows = await Promise.all(
      heads
        .filter((head) => head !== undefined)
        .map(async (head) => ({ ...head, signedAt: ctx.now, jws: await signHead(key, { ...head, at }) })),
    );
    const inserts = rows.map((row) => ctx.db.insert(auditHeads).values(row).onConflictDoNothing());
    const done = moved.at(-1)?.position ?? progress.until;
    await keep(ctx.db, ctx.db.update(auditSigning).set({ done }), ...inserts);
  }
}

/** The newest signed head of each chain: beside one `max()`, SQLite takes the other columns from the row that has it. */
async function lastSigned({ db }: SigningCtx, chains: string[]): Promise<Map<string, Candidate>> {
  const found = new Map<string, Candidate>();
  for (let from = 0; from < chains.length; from += LOOKUP) {
    const rows = await db
      .select({
        chain: auditHeads.chain,
        accountId: auditHeads.accountId,
        seq: max(auditHeads.seq),
        hash: auditHeads.hash,
      })
      .from(auditHeads)
      .where(inArray(auditHeads.chain, chains.slice(from, from + LOOKUP)))
      .groupBy(auditHeads.chain);
    rows.forEach(({ seq, ...row }) => {
      found.set(row.chain, { ...row, seq: seq ?? 0 });
    });
  }
  return found;
}

/**
 * The end of a chain, if it may be signed. An instance's comes from its object, which nobody can edit in the database;
 * an account's from the records, and only if what was signed before still stands in them.
 */
async function findHead(
  ctx: SigningCtx,
  chain: string,
  accountId: string,
  signed: Candidate | undefined,
): Promise<Candidate | undefined> {
  if (chain !== accountId) {
    const head = await instanceStub(ctx.env, chain).auditHead();
    const isNew = head?.isDelivered && head.seq > (signed?.seq ?? 0);
    return isNew ? { chain, accountId: head.accountId, seq: head.seq, hash: head.hash } : undefined;
  }
  if (signed && (await hashAt(ctx, chain, signed.seq)) !== signed.hash) {
    logEvent("audit.tampered", { level: "error", chain, seq: signed.seq });
    return undefined;
  }
  const [head] = await ctx.db
    .select({ seq: auditEvents.seq, hash: auditEvents.hash })
    .from(auditEvents)
    .where(eq(auditEvents.chain, chain))
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  return head && head.seq > (signed?.seq ?? 0) ? { chain, accountId, ...head } : undefined;
}

async function hashAt({ db }: SigningCtx, chain: string, seq: number): Promise<string | undefined> {
  const [event] = await db
    .select({ hash: auditEvents.hash })
    .from(auditEvents)
    .where(and(eq(auditEvents.chain, chain), eq(auditEvents.seq, seq)))
    .limit(1);
  return event?.hash;
}
