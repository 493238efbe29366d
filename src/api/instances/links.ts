import { z } from "@hono/zod-openapi";
import { createLink } from "../../services/instances/create-link.ts";
import { endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { isoTime } from "./schema.ts";

const HOUR_SECONDS = 60 * 60;
const MAX_SECONDS = 30 * 24 * HOUR_SECONDS;

const Body = z
  .strictObject({ expiresInSeconds: z.int().min(1).max(MAX_SECONDS).default(HOUR_SECONDS) })
  .openapi("CreateLink");

const LinkSchema = z
  .object({
    url: z.string().openapi({
      description:
        "Opens the instance for whoever has it, in a browser, an iframe or a program. The query parameter `gentity_link` is the " +
        "proof; it may stand on any path of the instance, also of a WebSocket.",
    }),
    expiresAt: z.iso.datetime(),
  })
  .openapi("SignedLink");

const route = endpoint({
  route: {
    method: "post",
    path: "/instances/{id}/links",
    operationId: "createLink",
    summary: "Sign a link to an instance of access `signed`",
    description:
      "A link cannot be called back by itself: rotating the URL, or another `access`, ends all of them within ten seconds.",
    tags: ["instances"],
    request: { params: IdParam, ...jsonBody(Body) },
    responses: { 201: jsonResponse("The link. It is not kept.", LinkSchema) },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "not_found",
    "ambiguous",
    "invalid_state",
    "not_configured",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
  ],
});

export const createLinkRoute = newRouter().openapi(route, async (c) => {
  const { expiresInSeconds } = c.req.valid("json");
  const { url, expiresAt } = await createLink(c.var.ctx, c.req.valid("param").id, expiresInSeconds);
  return c.json({ url, expiresAt: isoTime(expiresAt) }, 201);
});
