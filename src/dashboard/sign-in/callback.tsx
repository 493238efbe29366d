import { ProviderError, readAnswer } from "../../auth/oidc.ts";
import { sessionCookie, sessionSecret } from "../../auth/session-cookie.ts";
import { endFlow, findFlow, safeNext } from "../../auth/sign-in-flow.ts";
import { readConfig } from "../../env.ts";
import { authenticateSession } from "../../services/sessions/authenticate.ts";
import { endSessionOf } from "../../services/sessions/end.ts";
import { openSession, SESSION_MS } from "../../services/sessions/open.ts";
import { admit } from "../../services/sign-in/admit.ts";
import { newSignInContext } from "../../services/sign-in/context.ts";
import { invitationSecret } from "../invitations/paths.ts";
import { newPages } from "../route.ts";
import { callbackUrl, signInOrigin } from "./origin.ts";
import { respondProblem } from "./respond.tsx";

/** Back from the provider. An answer counts once, and only in the browser that asked for it. */
export const finishSignIn = newPages().get("/sign-in/callback", async (c) => {
  const { oidc, ...config } = readConfig(c.env);
  if (!oidc) {
    return c.redirect("/sign-in", 303);
  }
  const now = Date.now();
  const cookies = c.req.header("Cookie");
  const former = sessionSecret(cookies);
  const url = new URL(c.req.url);
  const state = url.searchParams.get("state") ?? "";
  const flow = await findFlow(state, now, cookies);
  if (!flow) {
    // The same answer once more, by the back button or a second click: whoever is signed in by now needs nothing else.
    const isIn = former !== undefined && (await authenticateSession(c.env, former, now));
    return isIn
      ? c.redirect("/dashboard", 303)
      : respondProblem(c, "not_begun_here", { next: safeNext(undefined) });
  }
  c.header("Set-Cookie", endFlow(state), { append: true });
  const { next } = flow;
  const answer = new URL(callbackUrl(signInOrigin(config, url)) + url.search);
  try {
    const identity = await readAnswer(oidc, flow, answer);
    const ctx = newSignInContext(c.env, { requestId: c.var.requestId, now });
    const admission = await admit(ctx, identity, invitationSecret(next));
    if (admission.type === "refused") {
      return respondProblem(c, admission.refusal, { next });
    }
    const { person, accountId } = admission;
    if (former !== undefined) {
      await endSessionOf(ctx, former, "signed in again");
    }
    const userAgent = c.req.header("User-Agent") ?? "";
    const { secret } = await openSession(ctx, { personId: person.id, accountId, userAgent });
    c.header("Set-Cookie", sessionCookie(secret, SESSION_MS / 1000), { append: true });
    return c.redirect(next, 303);
  } catch (error) {
    if (error instanceof ProviderError) {
      return respondProblem(c, error.problem, { next, cause: error });
    }
    throw error;
  }
});
