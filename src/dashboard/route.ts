import { type Context, Hono } from "hono";
import type { Env } from "../env.ts";
import type { Ctx } from "../services/context.ts";
import type { Session } from "../services/sessions/authenticate.ts";

export interface DashboardEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Set by `requireSession`; pages for anybody have none. */
    session: Session;
    ctx: Ctx;
  };
}
export type DashboardContext = Context<DashboardEnv>;

export function newPages(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>();
}
