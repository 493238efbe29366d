/** Which rule a request is for, and where that rule's service is. */
import { readFile } from "node:fs/promises";
import * as z from "zod";
import type { WireRule } from "../wire.ts";

export type Service =
  | { type: "http"; secure: boolean; host: string; port: number }
  | { type: "status"; status: number }
  | { type: "unsupported"; service: string };

/** The first that fits, as the vendor's connector chooses; the last one takes everything. */
export function matchRule(rules: readonly WireRule[], host: string, path: string): WireRule | undefined {
  return rules.find(
    (rule) => matchesHost(rule.hostname, host) && (!rule.path || new RegExp(rule.path).test(path)),
  );
}

function matchesHost(pattern: string | undefined, host: string): boolean {
  if (!pattern || pattern === "*") return true;
  const wanted = pattern.toLowerCase();
  return wanted.startsWith("*.") ? host.endsWith(wanted.slice(1)) : host === wanted;
}

export function parseService(service: string): Service {
  const status = /^http_status:(\d{3})$/.exec(service)?.[1];
  if (status !== undefined) return { type: "status", status: Number(status) };
  const url = URL.canParse(service) ? new URL(service) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return { type: "unsupported", service };
  const secure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { type: "http", secure, host, port: Number(url.port || (secure ? 443 : 80)) };
}

const portMapSchema = z.record(z.string(), z.int());

/**
 * Servers share this computer's loopback, so that each of their ports is really another: the map says which. It is read for
 * every request, because it changes whenever a container starts. What is not in it is meant as it stands.
 */
export async function locate(
  { host, port }: { host: string; port: number },
  portMapFile: string | undefined,
): Promise<{ host: string; port: number }> {
  if (portMapFile === undefined || host !== "localhost") return { host, port };
  const text = await readFile(portMapFile, "utf8").catch(() => "{}");
  const mapped = parseMap(text)[String(port)];
  return mapped === undefined ? { host, port } : { host: "127.0.0.1", port: mapped };
}

function parseMap(text: string): Record<string, number> {
  try {
    return portMapSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
