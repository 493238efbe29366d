import { sessionSecret } from "../../auth/session-cookie.ts";
import { safeNext } from "../../auth/sign-in-flow.ts";
import { readConfig } from "../../env.ts";
import { isLoopback } from "../../env-oidc.ts";
import { authenticateSession } from "../../services/sessions/authenticate.ts";
import { Note } from "../layout/parts.tsx";
import { Plain } from "../layout/plain.tsx";
import { newPages } from "../route.ts";
import { callbackUrl, signInOrigin } from "./origin.ts";

/** Begins nothing yet: whoever has just signed out is not to be signed in again by looking. */
export const signInPage = newPages().get("/sign-in", async (c) => {
  const config = readConfig(c.env);
  const url = new URL(c.req.url);
  const origin = signInOrigin(config, url);
  if (!config.oidc) {
    return c.html(<NotConfigured callback={callbackUrl(origin)} />, 503);
  }
  if (origin !== url.origin) {
    return c.redirect(origin + url.pathname + url.search, 303);
  }
  const next = safeNext(c.req.query("next"));
  const secret = sessionSecret(c.req.header("Cookie"));
  if (secret !== undefined && (await authenticateSession(c.env, secret, Date.now()))) {
    return c.redirect(next, 303);
  }
  const { issuer } = config.oidc;
  return c.html(
    <Plain title="Sign in">
      <h1>Sign in to Gentity</h1>
      {c.req.query("done") === "signed-out" ? <Note kind="good">You are signed out.</Note> : null}
      <p>
        <a class="button" href={`/sign-in/start?next=${encodeURIComponent(next)}`}>
          {isLoopback(issuer) ? "Sign in" : `Sign in with ${issuer.host}`}
        </a>
      </p>
      <p class="quiet">
        {isLoopback(issuer)
          ? "The identity provider runs on this computer: you choose who you are."
          : "You confirm there who you are, and come back. We never see your password."}
      </p>
    </Plain>,
  );
});

function NotConfigured({ callback }: { callback: string }) {
  return (
    <Plain title="Sign-in is not set up">
      <h1>Sign-in is not set up</h1>
      <p>
        This deployment knows no identity provider. The command line and the API work with tokens as ever.
      </p>
      <p>
        Its operator sets <code>OIDC_ISSUER</code> and <code>OIDC_CLIENT_ID</code>, and{" "}
        <code>OIDC_CLIENT_SECRET</code> where the provider has given one. <code>OIDC_ALLOW</code> says who may
        sign in. The redirect address to register at the provider:
      </p>
      <p>
        <code>{callback}</code>
      </p>
    </Plain>
  );
}
