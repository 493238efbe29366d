import { type Db, openDb } from "../../db/client.ts";
import { type Config, type Env, readConfig } from "../../env.ts";

/** What signing in may use: nobody is known yet, so there is no account and no actor. */
export interface SignInCtx {
  db: Db;
  config: Config;
  requestId: string;
  now: number;
}

export function newSignInContext(env: Env, request: Pick<SignInCtx, "requestId" | "now">): SignInCtx {
  return { db: openDb(env.DB), config: readConfig(env), ...request };
}
