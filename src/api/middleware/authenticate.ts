import { createMiddleware } from "hono/factory";
import { bearerToken } from "../../auth/tokens.ts";
import { AppError } from "../../errors.ts";
import { newContext } from "../../services/context.ts";
import { authenticateToken } from "../../services/tokens/authenticate.ts";
import type { ApiContext, ApiEnv } from "../route.ts";

/** The window of the rate limit in wrangler.toml. */
const WINDOW_SECONDS = 60;
const LIMIT = 600;

/** Who asks? Sets the context, or answers 401. Malformed tokens never reach the database. */
export const authenticate = createMiddleware<ApiEnv>(async function authenticate(c, next) {
  await authenticateWith(c, bearerToken(c.req.header("Authorization")));
  await next();
});

/** The same with a token from elsewhere: the public client's terminal sends it in the query. */
export async function authenticateWith(c: ApiContext, token: string | undefined): Promise<void> {
  const now = Date.now();
  const credential = token === undefined ? undefined : await authenticateToken(c.env, token, now);
  if (!credential) {
    throw new AppError("unauthorized", "The token is missing, malformed, unknown or revoked.", {
      hint: "Log in with: gentity login",
    });
  }
  if (credential.isSuspended) {
    throw new AppError("account_suspended", "The account is suspended. Nothing of it was deleted.", {
      hint: "Ask the operator of this deployment to lift it.",
    });
  }
  const { success } = await c.env.API_LIMIT.limit({ key: credential.tokenId });
  c.header("X-RateLimit-Limit", String(LIMIT));
  if (!success) {
    throw new AppError("rate_limited", "Too many requests with this token.", {
      hint: `At most ${LIMIT} in ${WINDOW_SECONDS} seconds.`,
      retryAfterSeconds: WINDOW_SECONDS,
    });
  }
  c.executionCtx.waitUntil(credential.noteUse());
  const who = { accountId: credential.accountId, actor: { type: "token" as const, id: credential.tokenId } };
  c.set("ctx", newContext(c.env, who, { requestId: c.var.requestId, now, background: backgroundOf(c) }));
}

export function backgroundOf(c: ApiContext): (work: Promise<unknown>) => void {
  return (work) => c.executionCtx.waitUntil(work);
}
