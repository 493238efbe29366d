import type { Actor } from "../audit/actor.ts";
import { type Db, openDb } from "../db/client.ts";
import { type Config, type Env, readConfig } from "../env.ts";
import type { Cause } from "../instance/engine.ts";

/** Everything a verb may use. Who asks comes from here and never from input. */
export interface Ctx {
  env: Env;
  db: Db;
  config: Config;
  accountId: string;
  actor: Actor;
  requestId: string;
  now: number;
  /** Lets work go on when the answer is on its way. */
  background: (work: Promise<unknown>) => void;
}

export function newContext(
  env: Env,
  who: { accountId: string; actor: Actor },
  request: Pick<Ctx, "requestId" | "now" | "background">,
): Ctx {
  return { env, db: openDb(env.DB), config: readConfig(env), ...who, ...request };
}

export function causeOf(ctx: Pick<Ctx, "actor" | "accountId" | "requestId">): Cause {
  return { actor: ctx.actor, accountId: ctx.accountId, requestId: ctx.requestId };
}
