import { z } from "@hono/zod-openapi";
import { isTransitional, type State } from "../../instance/states.ts";
import { actOnInstance } from "../../services/instances/act.ts";
import { endpoint, IdParam, jsonBody, jsonResponse, newRouter } from "../route.ts";
import { StatusSchema } from "./schema.ts";

const Body = z
  .strictObject({ action: z.enum(["start", "stop", "restart", "suspend", "resume"]) })
  .openapi("InstanceAction");
const Done = z.object({ ok: z.literal(true), status: StatusSchema });

const route = endpoint({
  route: {
    method: "post",
    path: "/instances/{id}/action",
    operationId: "actOnInstance",
    summary: "Start, stop, restart, suspend or resume",
    tags: ["instances"],
    request: { params: IdParam, ...jsonBody(Body) },
    responses: {
      200: jsonResponse("The vendor has confirmed.", Done),
      202: jsonResponse("Accepted; the vendor has not confirmed within a minute.", Done),
    },
  },
  errors: [
    "invalid_json",
    "invalid_request",
    "not_found",
    "ambiguous",
    "invalid_state",
    "quota_exceeded",
    "budget_exceeded",
    "idempotency_conflict",
    "idempotency_in_progress",
    "payload_too_large",
    "vendor_failed",
  ],
});

export const actOnInstanceRoute = newRouter().openapi(route, async (c) => {
  const row = await actOnInstance(c.var.ctx, c.req.valid("param").id, c.req.valid("json").action);
  const status = row.state as State;
  return c.json({ ok: true as const, status }, isTransitional(status) ? 202 : 200);
});
