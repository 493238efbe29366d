import { z } from "@hono/zod-openapi";
import type { Agent } from "../../catalog/agent.ts";
import { currentRelease, imageRef } from "../../catalog/catalog.ts";
import { REGIONS } from "../../catalog/regions.ts";
import { liveAgents } from "../../services/catalog/live.ts";
import { jsonResponse, newRouter, publicEndpoint } from "../route.ts";

const AgentSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    defaultCpus: z.int(),
    defaultMemoryMb: z.int(),
    defaultVolumeGb: z.int(),
    models: z.array(z.object({ provider: z.string(), name: z.string(), label: z.string() })),
    image: z.object({
      ref: z.string(),
      verification: z
        .enum(["digest", "unverified"])
        .openapi({ description: "`unverified`: by a tag, which its owner can move." }),
    }),
    release: z.string(),
    dataPath: z.string(),
    port: z.int(),
    regions: z.array(z.string()),
  })
  .openapi("Agent");

const route = publicEndpoint({
  route: {
    method: "get",
    path: "/catalog/agents",
    operationId: "listAgents",
    summary: "The catalog of agents",
    tags: ["catalog"],
    responses: {
      200: jsonResponse("Every agent with its current release.", z.object({ agents: z.array(AgentSchema) })),
    },
  },
  errors: ["internal"],
});

export const listAgentsRoute = newRouter().openapi(route, async (c) => {
  const agents = await liveAgents(c.env, Date.now());
  return c.json({ agents: agents.map(toAgent) }, 200);
});

function toAgent(agent: Agent): z.infer<typeof AgentSchema> {
  const release = currentRelease(agent);
  return {
    id: agent.id,
    name: agent.name,
    description: agent.description,
    defaultCpus: agent.size.cpus,
    defaultMemoryMb: agent.size.memoryMb,
    defaultVolumeGb: agent.size.volumeGb,
    models: agent.models.map(({ provider, name, label }) => ({ provider, name, label })),
    image: { ref: imageRef(release), verification: release.image.verification },
    release: release.release,
    dataPath: release.recipe.dataPath,
    port: release.recipe.port,
    regions: [...REGIONS],
  };
}
