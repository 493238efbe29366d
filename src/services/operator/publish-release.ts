import { formatActor } from "../../audit/actor.ts";
import { auditEntry } from "../../audit/entry.ts";
import type { RecipeTemplate, Release } from "../../catalog/agent.ts";
import { findAgent, findRelease, imageRef, listAgents } from "../../catalog/catalog.ts";
import { findReleaseProblems } from "../../catalog/check-release.ts";
import { releases } from "../../db/operator.ts";
import { AppError } from "../../errors.ts";
import { forgetCatalog } from "../catalog/live.ts";
import { commit } from "../commit.ts";
import type { Ctx } from "../context.ts";

export interface NewRelease {
  release: string;
  image: { repository: string; tag: string; digest: string };
  recipe: RecipeTemplate;
}

/**
 * Makes a release the current one of its agent, for instances created from now on; nobody else is touched. It can not be
 * edited or taken back: publish another.
 * @throws not_found, invalid_release with each problem, release_exists.
 */
export async function publishRelease(ctx: Ctx, agentId: string, input: NewRelease): Promise<Release> {
  const agent = findAgent(agentId);
  if (!agent) {
    const ids = listAgents().map(({ id }) => id);
    throw new AppError("not_found", `There is no agent "${agentId.slice(0, 64)}".`, {
      hint: `One of: ${ids.join(", ")}.`,
    });
  }
  const release: Release = {
    ...input,
    image: { ...input.image, verification: "digest" },
    publishedAt: new Date(ctx.now).toISOString(),
  };
  const details = findReleaseProblems(agent, release);
  if (details.length > 0) {
    const [first] = details;
    throw new AppError("invalid_release", `The release is not valid: "${first?.field}" ${first?.problem}.`, {
      details,
    });
  }
  const row = {
    agentId,
    release: input.release,
    ...input.image,
    recipe: input.recipe,
    publishedAt: ctx.now,
    publishedBy: formatActor(ctx.actor),
  };
  const audit = auditEntry({
    accountId: ctx.accountId,
    actor: ctx.actor,
    action: "release.publish",
    target: `${agentId}@${input.release}`,
    at: ctx.now,
    requestId: ctx.requestId,
    detail: { image: imageRef(release) },
  });
  const isTaken = findRelease(agent, input.release) !== undefined;
  if (isTaken || !(await commit(ctx.db, ctx.db.insert(releases).values(row).onConflictDoNothing(), audit))) {
    throw new AppError("release_exists", `${agent.name} has a release "${input.release}" already.`, {
      hint: "A published release is never changed: publish it under a new name.",
    });
  }
  forgetCatalog(ctx.env);
  return release;
}
