import { createHash } from "node:crypto";
import type { DashboardContext } from "../route.ts";
import { currentTheme, type Theme } from "../theme.ts";

/** What is the same for everybody with the same theme, with its fingerprint. */
export interface Kept {
  body: string;
  type: "text/html" | "text/markdown" | "text/plain";
  etag: string;
}

export function keep(type: Kept["type"], body: string): Kept {
  return { body, type, etag: `"${createHash("sha256").update(body).digest("hex").slice(0, 20)}"` };
}

/** For five minutes nobody asks again; for a day what is kept is shown while it is asked for again. */
const CACHE = "public, max-age=300, stale-while-revalidate=86400";

/** The page, or that it has not changed. */
export function answerKept(c: DashboardContext, { body, type, etag }: Kept): Response {
  c.header("Cache-Control", CACHE);
  // The theme that a reader chose is in a cookie, and in the first byte of a page.
  c.header("Vary", type === "text/html" ? "Accept, Cookie" : "Accept");
  c.header("ETag", etag);
  const known = c.req.header("If-None-Match")?.split(",");
  // What compresses on the way makes the fingerprint a weak one.
  if (known?.some((each) => each.trim().replace(/^W\//, "") === etag)) {
    return c.body(null, 304);
  }
  return c.body(body, 200, { "Content-Type": `${type}; charset=utf-8` });
}

/** A page as each theme has it, made when the first reader of that theme asks. */
export function keepPage(make: () => { toString(): string | Promise<string> }): () => Promise<Kept> {
  const made = new Map<Theme, Promise<Kept>>();
  return () => {
    const theme = currentTheme();
    const known =
      made.get(theme) ?? Promise.resolve(make().toString()).then((html) => keep("text/html", html));
    made.set(theme, known);
    return known;
  };
}
