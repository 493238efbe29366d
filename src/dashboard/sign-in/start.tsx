import { ProviderError, signInUrl } from "../../auth/oidc.ts";
import { beginFlow, safeNext } from "../../auth/sign-in-flow.ts";
import { readConfig } from "../../env.ts";
import { newPages } from "../route.ts";
import { callbackUrl, signInOrigin } from "./origin.ts";
import { respondProblem } from "./respond.tsx";

/** To the provider, with what its answer will be checked by in a cookie of this browser. */
export const startSignIn = newPages().get("/sign-in/start", async (c) => {
  const { oidc, ...config } = readConfig(c.env);
  const url = new URL(c.req.url);
  const origin = signInOrigin(config, url);
  if (!oidc) {
    return c.redirect("/sign-in", 303);
  }
  if (origin !== url.origin) {
    return c.redirect(origin + url.pathname + url.search, 303);
  }
  const now = Date.now();
  const next = safeNext(c.req.query("next"));
  const { flow, setCookies } = await beginFlow(next, now, c.req.header("Cookie"));
  try {
    const address = await signInUrl(oidc, flow, callbackUrl(origin), now);
    for (const cookie of setCookies) {
      c.header("Set-Cookie", cookie, { append: true });
    }
    return c.redirect(address, 303);
  } catch (error) {
    if (error instanceof ProviderError) {
      return respondProblem(c, error.problem, { next, cause: error });
    }
    throw error;
  }
});
