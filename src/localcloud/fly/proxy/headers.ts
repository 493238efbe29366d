import type { IncomingMessage } from "node:http";

const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "te",
  "trailer",
]);

/**
 * The headers as the machine gets them, names and order as they came. The edge's own `fly-*` are its alone: what a client
 * sends under such a name never passes.
 */
export function forwardedHeaders(request: IncomingMessage, keepsUpgrade: boolean): string[] {
  const { rawHeaders, socket } = request;
  const client = socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
  const kept: string[] = [];
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const lower = name.toLowerCase();
    seen.add(lower);
    if (lower.startsWith("fly-") || HOP_BY_HOP.has(lower)) continue;
    if (lower === "upgrade" && !keepsUpgrade) continue;
    kept.push(name, rawHeaders[index + 1] ?? "");
  }
  kept.push("Fly-Client-IP", client);
  // What the program in front already said about the client stands.
  if (!seen.has("x-forwarded-for")) kept.push("X-Forwarded-For", client);
  if (!seen.has("x-forwarded-proto")) kept.push("X-Forwarded-Proto", "http");
  if (keepsUpgrade) kept.push("Connection", "Upgrade");
  return kept;
}
