import { newRecipeId } from "../../ids.ts";
import type { CreateCommand } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import type { MachineRecipe } from "../../providers/provider.ts";
import { recipeContext, seal } from "../../secrets/seal.ts";
import { type Ctx, causeOf } from "../context.ts";

/** Where a body's volume lies, and where its commands begin. */
export const BODY_HOME = "/workspace";
/** Of no catalog: a body has no agent of its own, it is one's. */
export const BODY_AGENT = "body";
const BODY_RELEASE = "1";

/** What is chosen for a body; all else of it is the same for every one. */
export type BodyTraits = Pick<
  InstanceRow,
  | "id"
  | "accountId"
  | "workspaceId"
  | "name"
  | "image"
  | "provider"
  | "region"
  | "spec"
  | "idleTimeoutSeconds"
  | "createdAt"
>;

/** It only has to be there: everything that runs in it is brought by exec. */
function recipeOf({ image }: BodyTraits): MachineRecipe {
  const entrypoint = ["sleep", "infinity"];
  return {
    id: newRecipeId(),
    image,
    entrypoint,
    workdir: BODY_HOME,
    dataPath: BODY_HOME,
    env: {},
    files: [],
  };
}

/** Follows from the traits alone, so whoever finds a body's row without its object can finish what was begun. */
export async function bodyCommand(ctx: Ctx, traits: BodyTraits): Promise<CreateCommand> {
  const { id, accountId, name, image, provider, region, spec, workspaceId, idleTimeoutSeconds, createdAt } =
    traits;
  return {
    id,
    accountId,
    // Every record has a name of its own, and a body has no public one: its id is no host that anything answers at.
    subdomain: id,
    name,
    agentType: BODY_AGENT,
    pin: { release: BODY_RELEASE, image },
    modelProvider: "",
    modelName: "",
    provider,
    region,
    spec,
    exposure: "private",
    service: {},
    workspaceId,
    labels: {},
    sealedRecipe: await seal(ctx.config.sealingKeys, recipeContext(id), JSON.stringify(recipeOf(traits))),
    idleTimeoutSeconds,
    createdAt,
    cause: causeOf(ctx),
  };
}
