import { proofHeaders } from "../../auth/edge-proof.ts";
import type { ModelProvider, Release } from "../../catalog/agent.ts";
import { renderRecipe } from "../../catalog/render.ts";
import { type Config, instanceUrl } from "../../env.ts";
import { newRecipeId } from "../../ids.ts";
import { tunnelOrigin } from "../../origins.ts";
import { deriveOriginLabel } from "../../providers/hetzner/derive.ts";
import type { MachineRecipe, ProviderName } from "../../providers/provider.ts";
import { inputsContext, recipeContext, seal, unseal } from "../../secrets/seal.ts";

/** What of a recipe is its owner's and secret: with the release and the record, all that it takes to render it anew. */
export interface RecipeInputs {
  /** Null: nobody gave one since the last owner's was taken out. */
  apiKey: string | null;
  env: Record<string, string>;
  /** Made once per instance, for the passwords that an agent insists on. */
  secret: string;
  /** Set where a volume may hold config files that were somebody else's: they are written anew, once. */
  edition: string | null;
}

/** For whom and where a release is rendered. */
export interface RenderTarget {
  instanceId: string;
  accountId: string;
  subdomain: string;
  provider: ProviderName;
  release: Release;
  /** Of a provider that the release takes. */
  model: { provider: string; name: string };
}

type Deps = Pick<Config, "publicOrigin" | "baseDomain" | "flyAppUrl" | "hetzner" | "edgeKeys">;

export async function renderFor(
  config: Deps,
  target: RenderTarget,
  inputs: RecipeInputs,
): Promise<MachineRecipe> {
  const recipe = renderRecipe({
    release: target.release,
    model: { provider: target.model.provider as ModelProvider, name: target.model.name },
    apiKey: inputs.apiKey,
    env: inputs.env,
    publicUrl: new URL(instanceUrl(config, target.subdomain)).origin,
    originHosts: [await agentOrigin(config, target)],
    ownerId: target.accountId,
    subdomain: target.subdomain,
    secret: inputs.secret,
    // The edge sends one for every key of its ring, so a recipe goes on working until its key is taken out.
    edgeUserHeader: (await proofHeaders(config.edgeKeys, target))[0] ?? "x-gentity-user",
  });
  const { edition } = inputs;
  const files = recipe.files.map((file) =>
    file.firstBootOnly && edition !== null ? { ...file, edition } : file,
  );
  return { ...recipe, files };
}

/** By which name the agent is asked when the edge forwards to it. */
async function agentOrigin(config: Deps, { provider, instanceId }: RenderTarget): Promise<string> {
  if (provider === "hetzner" && config.hetzner) {
    const label = await deriveOriginLabel(config.hetzner.hostSecret, instanceId);
    return tunnelOrigin(`${label}.${config.baseDomain}`);
  }
  return new URL(config.flyAppUrl.replaceAll("{app}", `gentity-${instanceId}`)).origin;
}

export interface SealedRecipe {
  sealedRecipe: string;
  sealedInputs: string;
}

/** Both sealed for their instance. The recipe gets an id of its own, so that it can be seen which one a machine has. */
export async function sealRecipe(
  { sealingKeys }: Pick<Config, "sealingKeys">,
  instanceId: string,
  { recipe, inputs }: { recipe: MachineRecipe; inputs: RecipeInputs },
): Promise<SealedRecipe> {
  const named: MachineRecipe = { ...recipe, id: newRecipeId() };
  return {
    sealedRecipe: await seal(sealingKeys, recipeContext(instanceId), JSON.stringify(named)),
    sealedInputs: await seal(sealingKeys, inputsContext(instanceId), JSON.stringify(inputs)),
  };
}

/** @throws SealingError when the key is not in the ring. */
export async function openInputs(
  { sealingKeys }: Pick<Config, "sealingKeys">,
  instanceId: string,
  sealed: string,
): Promise<RecipeInputs> {
  return JSON.parse(await unseal(sealingKeys, inputsContext(instanceId), sealed)) as RecipeInputs;
}
