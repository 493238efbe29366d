import { tryGetContext } from "hono/context-storage";
import { AppError } from "../errors.ts";
import { type DashboardEnv, newPages } from "./route.ts";

/** What a reader may choose; without a choice the page follows their system. */
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const NAME = "__Host-gentity-theme";
const YEAR_SECONDS = 365 * 24 * 3600;

function isTheme(value: unknown): value is Theme {
  return THEMES.some((theme) => theme === value);
}

/** The choice in a request's `Cookie` header. */
export function themeInCookie(header: string | null | undefined): Theme {
  const found = header
    ?.split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${NAME}=`));
  const value = found?.slice(NAME.length + 1);
  return isTheme(value) ? value : "system";
}

/** The choice of whoever the page is being rendered for. It is in the first byte of the page, so nothing flashes. */
export function currentTheme(): Theme {
  return themeInCookie(tryGetContext<DashboardEnv>()?.req.header("Cookie"));
}

/** Where a form was sent from, when that is a page of ours: its path. */
function pageBefore(referer: string | undefined, here: URL): string {
  const from = referer === undefined ? null : URL.parse(referer);
  return from?.origin === here.origin ? from.pathname + from.search : "/";
}

/**
 * Keeps a choice of theme. It is asked for by people who are not signed in, too, so it carries no form token; it changes
 * one cookie of theirs, and that only from a page of ours.
 */
export const themeRoutes = newPages().post("/theme", async (c) => {
  const here = new URL(c.req.url);
  const { theme } = await c.req.parseBody();
  if (c.req.header("Origin") !== here.origin || !isTheme(theme)) {
    throw new AppError("forbidden", "This form does not belong to a page of ours.");
  }
  const age = theme === "system" ? 0 : YEAR_SECONDS;
  c.header("Set-Cookie", `${NAME}=${theme}; Path=/; Max-Age=${age}; Secure; HttpOnly; SameSite=Lax`);
  return c.redirect(pageBefore(c.req.header("Referer"), here), 303);
});
