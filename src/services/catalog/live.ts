import { and, eq, inArray, max } from "drizzle-orm";
import type { Agent, Release } from "../../catalog/agent.ts";
import { currentRelease, findAgent, findRelease, listAgents } from "../../catalog/catalog.ts";
import { openDb } from "../../db/client.ts";
import { releases } from "../../db/operator.ts";
import type { Env } from "../../env.ts";
import { describeError, logEvent } from "../../log.ts";

/** Every instance that is shown asks what its agent's current release is; a release is news for this long, in milliseconds. */
const FRESH_MS = 5_000;

type ReleaseRow = typeof releases.$inferSelect;

/** Values, never promises: a request must not wait for what another one has begun. */
const known = new WeakMap<Env, { agents: readonly Agent[]; at: number }>();

/**
 * The catalog: what ships with the code, and after it the newest published release of each agent. Kept for some seconds in
 * each isolate; what was known serves on while D1 does not answer.
 */
export async function liveAgents(env: Env, now: number): Promise<readonly Agent[]> {
  const cached = known.get(env);
  if (cached && now - cached.at < FRESH_MS) {
    return cached.agents;
  }
  try {
    const published = await newestPublished(env);
    const agents = listAgents().map((agent) => withPublished(agent, published));
    known.set(env, { agents, at: now });
    return agents;
  } catch (error) {
    if (!cached) {
      throw error;
    }
    logEvent("catalog.stale", { level: "error", cause: describeError(error) });
    return cached.agents;
  }
}

/** The next one who asks here is told anew. */
export function forgetCatalog(env: Env): void {
  known.delete(env);
}

/** The name of each agent's current release. */
export type LatestReleases = ReadonlyMap<string, string>;

export async function latestReleases(env: Env, now: number): Promise<LatestReleases> {
  const agents = await liveAgents(env, now);
  return new Map(agents.map((agent) => [agent.id, currentRelease(agent).release]));
}

/** The release an instance pins, however old; undefined when this deployment never had it. */
export async function pinnedRelease(
  env: Env,
  agentId: string,
  release: string,
): Promise<Release | undefined> {
  const agent = findAgent(agentId);
  const shipped = agent && findRelease(agent, release);
  if (shipped) {
    return shipped;
  }
  const [row] = await openDb(env.DB)
    .select()
    .from(releases)
    .where(and(eq(releases.agentId, agentId), eq(releases.release, release)))
    .limit(1);
  return row && toRelease(row);
}

function newestPublished(env: Env): Promise<ReleaseRow[]> {
  const db = openDb(env.DB);
  const newest = db
    .select({ seq: max(releases.seq) })
    .from(releases)
    .groupBy(releases.agentId);
  return db.select().from(releases).where(inArray(releases.seq, newest));
}

/** The newer of the two is current: a later deployment may ship what is newer than anything that was published. */
function withPublished(agent: Agent, published: readonly ReleaseRow[]): Agent {
  const row = published.find(({ agentId }) => agentId === agent.id);
  if (!row || row.publishedAt < Date.parse(currentRelease(agent).publishedAt)) {
    return agent;
  }
  return { ...agent, releases: [...agent.releases, toRelease(row)] };
}

function toRelease({ release, repository, tag, digest, recipe, publishedAt }: ReleaseRow): Release {
  return {
    release,
    image: { repository, tag, digest, verification: "digest" },
    recipe,
    publishedAt: new Date(publishedAt).toISOString(),
  };
}
