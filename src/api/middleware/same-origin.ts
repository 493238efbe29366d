import { AppError } from "../../errors.ts";

/**
 * A request that a browser's cookie speaks for must come from a page of this very origin when it changes anything, or opens a
 * WebSocket, which no same-origin policy guards. Agents' pages are on the same site, so `SameSite` does not keep them out. Browsers name the origin of all such requests; what
 * does not is no browser, and has a token. Plain reads may come from anywhere: no other origin can see the answer.
 * @throws forbidden
 */
export function requireSameOrigin({ method, url, headers }: Request): void {
  const isUpgrade = headers.get("Upgrade")?.toLowerCase() === "websocket";
  if ((method === "GET" || method === "HEAD") && !isUpgrade) {
    return;
  }
  const site = headers.get("Sec-Fetch-Site");
  if (headers.get("Origin") !== new URL(url).origin || (site !== null && site !== "same-origin")) {
    throw new AppError("forbidden", "A session counts only for requests from the dashboard's own pages.", {
      hint: "Programs use a token: mint one at /dashboard/settings/tokens.",
    });
  }
}
