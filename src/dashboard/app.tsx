import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { contextStorage } from "hono/context-storage";
import type { ApiDocument } from "../docs/api-reference.ts";
import { AppError } from "../errors.ts";
import { newRequestId } from "../ids.ts";
import { logEvent } from "../log.ts";
import { assetRoutes } from "./assets.ts";
import { auditPages } from "./audit/page.tsx";
import { docsPages } from "./docs/pages.tsx";
import { oneInstancePages } from "./instance/app.ts";
import { consolePages } from "./instance/console/pages.ts";
import { instancePages } from "./instances/app.ts";
import { invitationPages } from "./invitations/page.tsx";
import { withoutSecret } from "./invitations/paths.ts";
import { landingPages } from "./landing/page.tsx";
import { onPageError, onPageNotFound } from "./middleware/errors.tsx";
import { requireFormToken } from "./middleware/form-token.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { requireSession } from "./middleware/session.ts";
import { type DashboardEnv, newPages } from "./route.ts";
import { settingsPages } from "./settings/app.ts";
import { membersPages } from "./settings/members.tsx";
import { sessionsPages } from "./settings/sessions.tsx";
import { switchPage } from "./settings/switch.ts";
import { finishSignIn } from "./sign-in/callback.tsx";
import { limitSignIns } from "./sign-in/limit.ts";
import { signInPage } from "./sign-in/page.tsx";
import { signOut } from "./sign-in/sign-out.ts";
import { startSignIn } from "./sign-in/start.tsx";
import { themeRoutes } from "./theme.ts";
import { transferPages } from "./transfers/page.tsx";
import { usagePages } from "./usage/page.tsx";

/** Larger than any form of ours, in bytes. */
const MAX_FORM_BYTES = 256 * 1024;

/** Pages of anybody. */
const open: Hono<DashboardEnv>[] = [
  assetRoutes,
  landingPages,
  themeRoutes,
  signInPage,
  startSignIn,
  finishSignIn,
  invitationPages,
];
/** Pages of who is signed in. */
const own: Hono<DashboardEnv>[] = [
  instancePages,
  oneInstancePages,
  signOut,
  usagePages,
  auditPages,
  ...consolePages,
  switchPage,
  sessionsPages,
  membersPages,
  settingsPages,
  transferPages,
];

/** What people look at: sign-in, the dashboard, the documentation. Everything is rendered here, and works without JavaScript. */
export function createDashboard({ describeApi }: { describeApi: () => ApiDocument }): Hono<DashboardEnv> {
  const app = newPages();
  app.onError(onPageError);
  app.notFound(onPageNotFound);
  // What every page has asks it for the reader's theme, however deep it is rendered.
  app.use(contextStorage());
  app.use(async function logPage(c, next) {
    const startedAt = Date.now();
    c.set("requestId", newRequestId());
    await next();
    c.header("X-Request-Id", c.var.requestId);
    const account = c.var.ctx?.accountId;
    const { requestId } = c.var;
    const durationMs = Date.now() - startedAt;
    const { method } = c.req;
    const path = withoutSecret(c.req.path);
    logEvent("page.request", { requestId, method, path, status: c.res.status, account, durationMs });
  });
  app.use(securityHeaders);
  const onTooLarge = () => {
    throw new AppError("payload_too_large", "The form is too large.");
  };
  app.use(bodyLimit({ maxSize: MAX_FORM_BYTES, onError: onTooLarge }));
  app.use("/sign-in/*", limitSignIns);
  for (const pages of [...open, docsPages(describeApi)]) {
    app.route("/", pages);
  }
  app.use("/dashboard/*", requireSession, requireFormToken);
  app.use("/sign-out", requireSession, requireFormToken);
  for (const pages of own) {
    app.route("/", pages);
  }
  return app;
}
