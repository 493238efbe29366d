import type { Actor } from "../audit/actor.ts";
import type { Role } from "../auth/roles.ts";
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
  /** Who it is in the end, also behind a token; null: nobody that is known by name. */
  personId: string | null;
  role: Role;
  /** The dashboard's session that they ask by; null: they showed a token, or are nobody's person. */
  sessionId: string | null;
  requestId: string;
  now: number;
  /** Lets work go on when the answer is on its way. */
  background: (work: Promise<unknown>) => void;
}

/** Without a role it is not a person's doing, and no person's role limits it. */
export type Who = Pick<Ctx, "accountId" | "actor"> & Partial<Pick<Ctx, "personId" | "role" | "sessionId">>;

export function newContext(env: Env, who: Who, request: Pick<Ctx, "requestId" | "now" | "background">): Ctx {
  return {
    env,
    db: openDb(env.DB),
    config: readConfig(env),
    personId: null,
    sessionId: null,
    role: "owner",
    ...who,
    ...request,
  };
}

export function causeOf(ctx: Pick<Ctx, "actor" | "accountId" | "requestId">): Cause {
  return { actor: ctx.actor, accountId: ctx.accountId, requestId: ctx.requestId };
}
