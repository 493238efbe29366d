import { z } from "@hono/zod-openapi";
import { AppError } from "../../errors.ts";
import { InstanceIdSchema } from "../../host/protocol.ts";
import { openChannel } from "../../services/host/channel.ts";
import { newRouter, publicEndpoint } from "../route.ts";

const route = publicEndpoint({
  route: {
    method: "get",
    path: "/host/channel",
    operationId: "openHostChannel",
    summary: "The host program's connection (WebSocket)",
    description: "Subprotocol gentity-host.v1. The host proves with the key it enrolled that it is the one.",
    tags: ["host"],
    request: { query: z.object({ instance: InstanceIdSchema }) },
    responses: { 101: { description: "A challenge follows." } },
  },
  errors: ["invalid_request", "unauthorized", "internal"],
});

export const openHostChannelRoute = newRouter().openapi(route, async (c) => {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    throw new AppError("invalid_request", "The channel is a WebSocket.");
  }
  const answer = await openChannel(c.env, c.req.valid("query").instance, c.req.raw);
  if (answer.status === 401) {
    throw new AppError("unauthorized", "No host has enrolled for this instance.");
  }
  return answer;
});
