/**
 * Tunnels. The API lets us leave no mark on one, so a tunnel is ours by its name and by what only we can know: the secret that
 * we derived for it, which Cloudflare tells its owner in the tunnel's token.
 */
import type { Outcome } from "../provider.ts";
import { allPages, type CloudflareApi, type IngressRule } from "./api.ts";
import { elusive, type Failed, rejected } from "./classify.ts";
import type { Answer } from "./client.ts";
import { type CloudflareConfiguration, type CloudflareTunnel, tokenContentSchema } from "./schema.ts";

export interface FoundTunnel {
  id: string;
  name: string;
}

/** A connector that is still running comes back within a second or so of being cut off. */
const DELETE_ATTEMPTS = 3;

/** Two pages of one name do not exist. */
const FIRST_PAGE = { page: 1, perPage: 10 };

/** One tunnel of this name with this secret: found, or made. */
export async function ensureTunnel(
  api: CloudflareApi,
  name: string,
  secret: string,
): Promise<Outcome<{ tunnelId: string }>> {
  const before = await adopt(api, name, secret);
  if (before !== "none") return before;
  const made = await api.createTunnel(name, secret);
  if (made.ok) return { type: "ok", value: { tunnelId: made.value.id } };
  const { kind, outcome } = made.failure;
  if (kind !== "exists" && outcome.type !== "unknown") return outcome;
  const after = await adopt(api, name, secret);
  if (after !== "none") return after;
  return kind === "exists" ? elusive(name) : outcome;
}

async function adopt(
  api: CloudflareApi,
  name: string,
  secret: string,
): Promise<Outcome<{ tunnelId: string }> | "none"> {
  const found = await findByName(api, name);
  if (!found.ok) return found.failure.outcome;
  const [tunnel] = found.value;
  if (tunnel === undefined) return "none";
  const token = await api.getToken(tunnel.id);
  if (!token.ok) return token.failure.kind === "absent" ? "none" : token.failure.outcome;
  if (!isRemote(tunnel) || secretOf(token.value) !== secret) return foreign(name);
  return { type: "ok", value: { tunnelId: tunnel.id } };
}

async function findByName(api: CloudflareApi, name: string): Promise<Answer<CloudflareTunnel[]>> {
  const listed = await api.listTunnels({ name }, FIRST_PAGE);
  if (!listed.ok) return listed;
  return { ok: true, value: listed.value.filter((tunnel) => tunnel.name === name && !tunnel.deleted_at) };
}

/** We configure ours at Cloudflare; one that is configured by a file on somebody's server is not ours. */
function isRemote(tunnel: CloudflareTunnel): boolean {
  return tunnel.config_src === undefined
    ? tunnel.remote_config !== false
    : tunnel.config_src === "cloudflare";
}

function secretOf(token: string): string | undefined {
  try {
    return tokenContentSchema.parse(JSON.parse(atob(token))).s;
  } catch {
    return undefined;
  }
}

function foreign(name: string): Failed {
  return rejected(
    "name_taken",
    `A tunnel with the name ${name} exists, and it is not ours`,
    "Delete or rename that tunnel in the Cloudflare account, or use another account.",
  );
}

/** Every push restarts nothing but costs every connector a new set of rules: what is there already stays. */
export async function configure(
  api: CloudflareApi,
  tunnelId: string,
  ingress: readonly IngressRule[],
): Promise<Outcome<void>> {
  const current = await api.getConfiguration(tunnelId);
  if (!current.ok && current.failure.kind !== "absent") return current.failure.outcome;
  if (current.ok && isSame(current.value, ingress)) return { type: "ok", value: undefined };
  const put = await api.putConfiguration(tunnelId, ingress);
  if (put.ok) return { type: "ok", value: undefined };
  if (put.failure.outcome.type !== "unknown") return put.failure.outcome;
  const after = await api.getConfiguration(tunnelId);
  return after.ok && isSame(after.value, ingress) ? { type: "ok", value: undefined } : put.failure.outcome;
}

function isSame({ config }: CloudflareConfiguration, wanted: readonly IngressRule[]): boolean {
  const text = (rules: readonly { hostname?: string | null; path?: string | null; service: string }[]) =>
    JSON.stringify(rules.map(({ hostname, path, service }) => [hostname ?? "", path ?? "", service]));
  return text(config?.ingress ?? []) === text(wanted);
}

/** Gone when neither the id nor the name leads to a living tunnel. */
export async function removeTunnel(
  api: CloudflareApi,
  tunnelId: string | undefined,
  name: string,
): Promise<Outcome<void>> {
  if (tunnelId !== undefined) {
    const known = await api.getTunnel(tunnelId);
    if (!known.ok && known.failure.kind !== "absent") return known.failure.outcome;
    if (known.ok && !known.value.deleted_at) {
      const removed = await remove(api, tunnelId);
      if (removed.type !== "ok") return removed;
    }
  }
  // A create whose answer was lost left an id that nobody wrote down.
  const named = await findByName(api, name);
  if (!named.ok) return named.failure.outcome;
  for (const tunnel of named.value) {
    if (!isRemote(tunnel)) return foreign(name);
    const removed = await remove(api, tunnel.id);
    if (removed.type !== "ok") return removed;
  }
  return { type: "ok", value: undefined };
}

async function remove(api: CloudflareApi, id: string): Promise<Outcome<void>> {
  let last: Failed | undefined;
  for (let attempt = 0; attempt < DELETE_ATTEMPTS; attempt++) {
    const cleaned = await api.cleanConnections(id);
    if (!cleaned.ok && cleaned.failure.kind !== "absent") return cleaned.failure.outcome;
    const deleted = await api.deleteTunnel(id);
    if (deleted.ok || deleted.failure.kind === "absent") return { type: "ok", value: undefined };
    last = deleted.failure.outcome;
    if (last.type === "unknown") return confirmGone(api, id, last);
    if (deleted.failure.kind !== "connected") return last;
  }
  return last ?? { type: "ok", value: undefined };
}

async function confirmGone(api: CloudflareApi, id: string, otherwise: Failed): Promise<Outcome<void>> {
  const left = await api.getTunnel(id);
  const isGone = left.ok ? Boolean(left.value.deleted_at) : left.failure.kind === "absent";
  return isGone ? { type: "ok", value: undefined } : otherwise;
}

export async function listTunnels(api: CloudflareApi, prefix: string): Promise<Outcome<FoundTunnel[]>> {
  const listed = await allPages((page) => api.listTunnels({ include_prefix: prefix }, page));
  if (!listed.ok) return listed.failure.outcome;
  return {
    type: "ok",
    value: listed.value
      .filter((tunnel) => tunnel.name.startsWith(prefix) && !tunnel.deleted_at && isRemote(tunnel))
      .map(({ id, name }) => ({ id, name })),
  };
}
