import type { LogPage, Outcome } from "../provider.ts";
import type { FlyClient } from "./client.ts";
import { logsSchema } from "./schema.ts";

/** One page of what the machine said, oldest first; the vendor keeps a few days. */
export async function readLogs(client: FlyClient, app: string, cursor?: string): Promise<Outcome<LogPage>> {
  const answer = await client.call({
    method: "GET",
    path: `/api/v1/apps/${app}/logs`,
    schema: logsSchema,
    ...(cursor === undefined ? {} : { query: { next_token: cursor } }),
  });
  if (!answer.ok) return answer.failure.outcome;
  const lines = answer.value.data.map(({ attributes }) => ({
    timestamp: attributes.timestamp,
    level: attributes.level,
    message: attributes.message,
    instance: attributes.instance,
    region: attributes.region,
  }));
  const next = answer.value.meta?.next_token;
  // At the end the vendor may give no token; asking with the old one again continues where this page ended.
  const following = next === undefined || next === null || next === "" ? cursor : String(next);
  return { type: "ok", value: following === undefined ? { lines } : { lines, cursor: following } };
}
