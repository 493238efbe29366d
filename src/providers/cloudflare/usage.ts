/** How near the account and the zone are to their limits, so that somebody can be told before a create is refused. */
import type { Outcome } from "../provider.ts";
import type { CloudflareApi } from "./api.ts";
import type { Answer } from "./client.ts";
import type { CloudflareZone } from "./schema.ts";

export interface Share {
  used: number;
  limit: number;
}

export interface Usage {
  tunnels: Share;
  /** All records of the zone, whosesoever: they share the limit. */
  records: Share;
}

const TUNNELS_PER_ACCOUNT = 1_000;
/** Free zones made since then hold fewer records. */
const SMALL_ZONES_SINCE = "2024-09-01";
const ONE = { page: 1, perPage: 5 };

export async function usage(api: CloudflareApi): Promise<Outcome<Usage>> {
  const [tunnels, records, zone] = await Promise.all([
    api.listTunnels({}, ONE),
    api.listRecords({}, ONE),
    api.getZone(),
  ]);
  if (!tunnels.ok) return tunnels.failure.outcome;
  if (!records.ok) return records.failure.outcome;
  return {
    type: "ok",
    value: {
      tunnels: { used: countOf(tunnels), limit: TUNNELS_PER_ACCOUNT },
      // A token that may only edit DNS does not see the plan: the smallest is then assumed.
      records: { used: countOf(records), limit: recordLimit(zone.ok ? zone.value : undefined) },
    },
  };
}

function countOf({ value, total }: Extract<Answer<unknown[]>, { ok: true }>): number {
  return total ?? value.length;
}

export function recordLimit(zone: CloudflareZone | undefined): number {
  const plan = zone?.plan?.legacy_id ?? "free";
  if (plan !== "free") return 3_500;
  return (zone?.created_on ?? SMALL_ZONES_SINCE) < SMALL_ZONES_SINCE ? 1_000 : 200;
}
