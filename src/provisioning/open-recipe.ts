import { type Env, readConfig } from "../env.ts";
import type { MachineRecipe } from "../providers/provider.ts";
import { recipeContext, unseal } from "../secrets/seal.ts";

/** An instance's recipe with its secrets: for the moment in which the machine gets it, and never kept. @throws SealingError */
export async function openRecipe(env: Env, instanceId: string, sealed: string): Promise<MachineRecipe> {
  const text = await unseal(readConfig(env).sealingKeys, recipeContext(instanceId), sealed);
  return JSON.parse(text) as MachineRecipe;
}
