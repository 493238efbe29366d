import { z } from "@hono/zod-openapi";
import { readConfig } from "../../env.ts";
import { jsonResponse, newRouter, publicEndpoint } from "../route.ts";

const route = publicEndpoint({
  route: {
    method: "get",
    path: "/health",
    operationId: "health",
    summary: "Version, and what is configured",
    tags: ["meta"],
    responses: {
      200: jsonResponse(
        "It serves. Nothing is asked of the vendors.",
        z.object({
          ok: z.literal(true),
          version: z.string(),
          assertions: z.boolean().openapi({ description: "Whether the edge signs what it vouches for." }),
          providers: z.object({ fly: z.boolean(), hetzner: z.boolean(), daytona: z.boolean() }),
          traffic: z.boolean().openapi({ description: "Whether an instance's traffic can be read." }),
        }),
      ),
    },
  },
  errors: ["internal"],
});

export const healthRoute = newRouter().openapi(route, (c) => {
  const { version, edgeKeys, fly, hetzner, daytona, traffic } = readConfig(c.env);
  const providers = { fly: !!fly, hetzner: !!hetzner, daytona: !!daytona };
  const assertions = edgeKeys.length > 0;
  return c.json({ ok: true as const, version, assertions, providers, traffic: !!traffic }, 200);
});
