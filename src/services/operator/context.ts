import type { Env } from "../../env.ts";
import { type Ctx, newContext } from "../context.ts";

/** Whose the deployment's own records are: no account has this id, so no token can reach them. */
export const DEPLOYMENT_ID = "deployment";

/** The operator's context. What it does to an account is recorded with that account; the rest with the deployment. */
export function newOperatorContext(env: Env, request: Pick<Ctx, "requestId" | "now" | "background">): Ctx {
  const actor = { type: "operator" as const, id: "admin_token" };
  return newContext(env, { accountId: DEPLOYMENT_ID, actor }, request);
}
