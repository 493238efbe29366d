import { createHash } from "node:crypto";
import type { DashboardContext } from "../route.ts";

/** What is the same for everybody, with its fingerprint. */
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
  c.header("Vary", "Accept");
  c.header("ETag", etag);
  const known = c.req.header("If-None-Match")?.split(",");
  // What compresses on the way makes the fingerprint a weak one.
  if (known?.some((each) => each.trim().replace(/^W\//, "") === etag)) {
    return c.body(null, 304);
  }
  return c.body(body, 200, { "Content-Type": `${type}; charset=utf-8` });
}
