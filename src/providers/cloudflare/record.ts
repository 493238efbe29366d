/** DNS records that lead to tunnels. Ours carry a comment; what bears our name without it is somebody else's. */
import type { Outcome } from "../provider.ts";
import { allPages, type CloudflareApi, type RecordContent } from "./api.ts";
import { elusive, type Failed, rejected } from "./classify.ts";
import type { Answer } from "./client.ts";
import type { CloudflareRecord } from "./schema.ts";

export interface FoundRecord {
  id: string;
  host: string;
  tunnelId: string;
}

const COMMENT = "gentity: the way to an instance";
const TARGET_SUFFIX = ".cfargotunnel.com";
const FIRST_PAGE = { page: 1, perPage: 100 };

function contentOf(host: string, tunnelId: string): RecordContent {
  // Without the proxy the name would resolve to an address that nothing routes.
  return {
    type: "CNAME",
    name: host,
    content: `${tunnelId}${TARGET_SUFFIX}`,
    proxied: true,
    comment: COMMENT,
  };
}

/** One proxied CNAME under this name, to this tunnel: found, put right, or made. */
export async function ensureRecord(
  api: CloudflareApi,
  host: string,
  tunnelId: string,
): Promise<Outcome<{ recordId: string }>> {
  const before = await adopt(api, host, tunnelId);
  if (before !== "none") return before;
  const made = await api.createRecord(contentOf(host, tunnelId));
  if (made.ok)
    return made.value.name.toLowerCase() === host ? ok(made.value.id) : misplaced(api, made.value, host);
  const { kind, outcome } = made.failure;
  if (kind !== "exists" && outcome.type !== "unknown") return outcome;
  const after = await adopt(api, host, tunnelId);
  if (after !== "none") return after;
  return kind === "exists" ? elusive(host) : outcome;
}

const ok = (recordId: string): Outcome<{ recordId: string }> => ({ type: "ok", value: { recordId } });

async function adopt(
  api: CloudflareApi,
  host: string,
  tunnelId: string,
): Promise<Outcome<{ recordId: string }> | "none"> {
  const found = await findByName(api, host);
  if (!found.ok) return found.failure.outcome;
  const [record] = found.value;
  if (record === undefined) return "none";
  if (!found.value.every(isOurs)) return foreign(host);
  const { content, proxied } = contentOf(host, tunnelId);
  if (record.content === content && record.proxied === true) return ok(record.id);
  const corrected = await api.patchRecord(record.id, { content, proxied });
  return corrected.ok ? ok(record.id) : corrected.failure.outcome;
}

/** A name outside the zone is taken for one within it, and would never be found again. */
async function misplaced(api: CloudflareApi, record: CloudflareRecord, host: string): Promise<Failed> {
  const removed = await api.deleteRecord(record.id);
  if (!removed.ok && removed.failure.kind !== "absent") return removed.failure.outcome;
  return rejected(
    "invalid_spec",
    `The zone does not hold ${host}: it made ${record.name} of it`,
    "CLOUDFLARE_ZONE_ID must be the zone of the base domain.",
  );
}

async function findByName(api: CloudflareApi, host: string): Promise<Answer<CloudflareRecord[]>> {
  const listed = await api.listRecords({ "name.exact": host }, FIRST_PAGE);
  if (!listed.ok) return listed;
  return { ok: true, value: listed.value.filter(({ name }) => name.toLowerCase() === host) };
}

function isOurs(record: CloudflareRecord): boolean {
  return record.type === "CNAME" && record.comment === COMMENT;
}

function foreign(host: string): Failed {
  return rejected(
    "name_taken",
    `A DNS record for ${host} exists, and it is not ours`,
    "Delete that record in the Cloudflare zone.",
  );
}

/** Gone when neither the id nor the name leads to a record of ours. */
export async function removeRecord(
  api: CloudflareApi,
  recordId: string | undefined,
  host: string,
): Promise<Outcome<void>> {
  if (recordId !== undefined) {
    const known = await api.getRecord(recordId);
    if (!known.ok && known.failure.kind !== "absent") return known.failure.outcome;
    if (known.ok) {
      if (!isOurs(known.value)) return foreign(known.value.name);
      const removed = await remove(api, recordId);
      if (removed.type !== "ok") return removed;
    }
  }
  const named = await findByName(api, host);
  if (!named.ok) return named.failure.outcome;
  for (const record of named.value) {
    if (!isOurs(record)) return foreign(host);
    const removed = await remove(api, record.id);
    if (removed.type !== "ok") return removed;
  }
  return { type: "ok", value: undefined };
}

async function remove(api: CloudflareApi, id: string): Promise<Outcome<void>> {
  const deleted = await api.deleteRecord(id);
  if (deleted.ok || deleted.failure.kind === "absent") return { type: "ok", value: undefined };
  if (deleted.failure.outcome.type !== "unknown") return deleted.failure.outcome;
  const left = await api.getRecord(id);
  const isGone = !left.ok && left.failure.kind === "absent";
  return isGone ? { type: "ok", value: undefined } : deleted.failure.outcome;
}

export async function listRecords(api: CloudflareApi, hostPrefix: string): Promise<Outcome<FoundRecord[]>> {
  const filter = {
    "comment.exact": COMMENT,
    ...(hostPrefix === "" ? {} : { "name.startswith": hostPrefix }),
  };
  const listed = await allPages((page) => api.listRecords(filter, page));
  if (!listed.ok) return listed.failure.outcome;
  return {
    type: "ok",
    value: listed.value
      .filter((record) => isOurs(record) && record.name.startsWith(hostPrefix))
      .map(({ id, name, content }) => ({ id, host: name, tunnelId: content.replace(TARGET_SUFFIX, "") })),
  };
}
