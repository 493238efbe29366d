import { z } from "@hono/zod-openapi";
import { deleteInstance } from "../../services/instances/act.ts";
import { endpoint, IdParam, jsonResponse, newRouter } from "../route.ts";

const route = endpoint({
  route: {
    method: "delete",
    path: "/instances/{id}",
    operationId: "deleteInstance",
    summary: "Delete an instance and everything it has at the vendor, from any state",
    tags: ["instances"],
    request: { params: IdParam },
    responses: {
      200: jsonResponse(
        "Deleted, or being deleted.",
        z.object({ ok: z.literal(true), warnings: z.array(z.string()).optional() }),
      ),
    },
  },
  errors: ["not_found", "ambiguous"],
});

export const deleteInstanceRoute = newRouter().openapi(route, async (c) => {
  const { row, gone } = await deleteInstance(c.var.ctx, c.req.valid("param").id);
  if (gone) {
    return c.json({ ok: true as const }, 200);
  }
  const doing = row.progress ? ` (${row.progress})` : "";
  return c.json(
    { ok: true as const, warnings: [`The vendor has not confirmed yet${doing}; it goes on until it has.`] },
    200,
  );
});
