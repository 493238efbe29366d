import { createMiddleware } from "hono/factory";
import { AppError } from "../../errors.ts";
import type { DashboardContext, DashboardEnv } from "../route.ts";

/** The field of it in every form; `layout/form.tsx` writes it. */
export const FORM_TOKEN = "formToken";

/**
 * What changes anything must come from a form of this session, on this very site: another site can make a browser send the
 * cookie, but knows no form token and cannot hide where it is from.
 */
export const requireFormToken = createMiddleware<DashboardEnv>(async function requireFormToken(c, next) {
  if (c.req.method !== "GET" && c.req.method !== "HEAD") {
    await requireTokenOf(c, c.var.session);
  }
  return next();
});

/** The same for one form. @throws forbidden */
export async function requireTokenOf(
  c: DashboardContext,
  { formToken }: { formToken: string },
): Promise<void> {
  const origin = c.req.header("Origin");
  const isOurs = origin === undefined || origin === new URL(c.req.url).origin;
  const body = await c.req.parseBody();
  if (!isOurs || body[FORM_TOKEN] !== formToken) {
    throw new AppError("forbidden", "This form does not belong to your session.", {
      hint: "Go back, load the page again, and send the form once more. Nothing was changed.",
    });
  }
}
