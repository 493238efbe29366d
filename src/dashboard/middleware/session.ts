import { createMiddleware } from "hono/factory";
import { sessionSecret } from "../../auth/session-cookie.ts";
import { AppError } from "../../errors.ts";
import { newContext } from "../../services/context.ts";
import { authenticateSession } from "../../services/sessions/authenticate.ts";
import type { DashboardEnv } from "../route.ts";

/** Who looks? Sets the context, or sends them to sign in and back here. */
export const requireSession = createMiddleware<DashboardEnv>(async function requireSession(c, next) {
  const now = Date.now();
  const secret = sessionSecret(c.req.header("Cookie"));
  const session = secret === undefined ? undefined : await authenticateSession(c.env, secret, now);
  if (!session) {
    const url = new URL(c.req.url);
    const here = c.req.method === "GET" ? url.pathname + url.search : "/dashboard";
    return c.redirect(`/sign-in?next=${encodeURIComponent(here)}`, 303);
  }
  if (session.isSuspended) {
    throw new AppError("account_suspended", "The account is suspended. Nothing of it was deleted.", {
      hint: "Ask the operator of this deployment to lift it.",
    });
  }
  const { success } = await c.env.API_LIMIT.limit({ key: session.id });
  if (!success) {
    throw new AppError("rate_limited", "Too many requests.", { retryAfterSeconds: 60 });
  }
  c.executionCtx.waitUntil(session.noteUse());
  c.set("session", session);
  const who = {
    accountId: session.account.id,
    actor: { type: "user" as const, id: session.person.id },
    personId: session.person.id,
    role: session.role,
    sessionId: session.id,
  };
  const background = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  c.set("ctx", newContext(c.env, who, { requestId: c.var.requestId, now, background }));
  return next();
});
