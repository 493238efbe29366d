import { type Env, readConfig } from "../../env.ts";
import type { Assignment } from "../../host/protocol.ts";
import type { HostBrief } from "../../instance/contract.ts";
import { deriveTunnelSecret, tunnelToken } from "../../providers/hetzner/derive.ts";
import { openRecipe } from "../open-recipe.ts";

/** What a host is to run, opened for the moment in which it is told. @throws SealingError */
export async function openAssignment(env: Env, brief: HostBrief): Promise<Assignment> {
  const { instanceId, generation, desired } = brief;
  if (desired === "stopped") {
    return { desired, generation };
  }
  const { hetzner } = readConfig(env);
  const { tunnel } = brief;
  return {
    desired,
    generation,
    recipe: await openRecipe(env, instanceId, brief.sealedRecipe),
    tunnelToken:
      hetzner && tunnel !== null
        ? tunnelToken(
            hetzner.cloudflare.accountId,
            await deriveTunnelSecret(hetzner.hostSecret, instanceId),
            tunnel,
          )
        : null,
    spec: { memoryMb: brief.memoryMb },
  };
}
