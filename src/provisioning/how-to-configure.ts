import type { ProviderName } from "../providers/provider.ts";

/** What an operator does about a provider that is not configured. */
export const HOW_TO_CONFIGURE: Record<ProviderName, string> = {
  fly: "The operator sets FLY_API_TOKEN.",
  hetzner:
    "The operator sets HETZNER_API_TOKEN, CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_ZONE_ID and HOST_SECRET.",
  daytona: "The operator sets DAYTONA_API_KEY.",
};
