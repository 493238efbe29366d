import { createMiddleware } from "hono/factory";
import { sessionSecret } from "../../auth/session-cookie.ts";
import { bearerToken } from "../../auth/tokens.ts";
import type { Env } from "../../env.ts";
import { AppError } from "../../errors.ts";
import { newContext, type Who } from "../../services/context.ts";
import { authenticateSession } from "../../services/sessions/authenticate.ts";
import { authenticateToken } from "../../services/tokens/authenticate.ts";
import type { ApiContext, ApiEnv } from "../route.ts";
import { requireSameOrigin } from "./same-origin.ts";

/** The window of the rate limit in wrangler.toml. */
const WINDOW_SECONDS = 60;
const LIMIT = 600;

/** Who asks, by whatever they showed. */
interface Known {
  who: Who;
  /** Whose requests are counted together. */
  limitKey: string;
  isSuspended: boolean;
  noteUse: () => Promise<void>;
}

/** Who asks? Sets the context, or answers 401. Malformed tokens never reach the database. */
export const authenticate = createMiddleware<ApiEnv>(async function authenticate(c, next) {
  await authenticateRequest(c);
  await next();
});

/**
 * By the token, or by the dashboard's session where there is no `Authorization` at all: whoever shows a token means it, also when
 * it is no good. A browser sends its cookie for whatever page asks it to, so there the page has to be ours.
 */
export async function authenticateRequest(c: ApiContext): Promise<void> {
  const header = c.req.header("Authorization");
  const secret = sessionSecret(c.req.header("Cookie"));
  if (header !== undefined || secret === undefined) {
    return authenticateWith(c, bearerToken(header));
  }
  requireSameOrigin(c.req.raw);
  await admit(c, await bySession(c.env, secret, Date.now()));
}

/** The same with a token from elsewhere: the public client's terminal sends it in the query. */
export async function authenticateWith(c: ApiContext, token: string | undefined): Promise<void> {
  await admit(c, token === undefined ? undefined : await byToken(c.env, token, Date.now()));
}

async function byToken(env: Env, token: string, now: number): Promise<Known | undefined> {
  const credential = await authenticateToken(env, token, now);
  if (!credential) {
    return undefined;
  }
  const { tokenId, accountId, personId, role, ...rest } = credential;
  const actor = { type: "token" as const, id: tokenId };
  return { who: { accountId, actor, personId, role }, limitKey: tokenId, ...rest };
}

async function bySession(env: Env, secret: string, now: number): Promise<Known | undefined> {
  const session = await authenticateSession(env, secret, now);
  if (!session) {
    return undefined;
  }
  const { id, person, account, role, isSuspended, noteUse } = session;
  const actor = { type: "user" as const, id: person.id };
  const who = { accountId: account.id, actor, personId: person.id, role, sessionId: id };
  return { who, limitKey: id, isSuspended, noteUse };
}

async function admit(c: ApiContext, known: Known | undefined): Promise<void> {
  if (!known) {
    throw new AppError("unauthorized", "The token is missing, malformed, unknown or revoked.", {
      hint: "Log in with: gentity login",
    });
  }
  if (known.isSuspended) {
    throw new AppError("account_suspended", "The account is suspended. Nothing of it was deleted.", {
      hint: "Ask the operator of this deployment to lift it.",
    });
  }
  const { success } = await c.env.API_LIMIT.limit({ key: known.limitKey });
  c.header("X-RateLimit-Limit", String(LIMIT));
  if (!success) {
    throw new AppError("rate_limited", "Too many requests with this token.", {
      hint: `At most ${LIMIT} in ${WINDOW_SECONDS} seconds.`,
      retryAfterSeconds: WINDOW_SECONDS,
    });
  }
  c.executionCtx.waitUntil(known.noteUse());
  const request = { requestId: c.var.requestId, now: Date.now(), background: backgroundOf(c) };
  c.set("ctx", newContext(c.env, known.who, request));
}

export function backgroundOf(c: ApiContext): (work: Promise<unknown>) => void {
  return (work) => c.executionCtx.waitUntil(work);
}
