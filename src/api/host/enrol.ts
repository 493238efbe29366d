import { z } from "@hono/zod-openapi";
import { EnrolmentSchema } from "../../host/protocol.ts";
import { enrolHost } from "../../services/host/enrol.ts";
import { jsonBody, jsonResponse, newRouter, publicEndpoint } from "../route.ts";

const route = publicEndpoint({
  route: {
    method: "post",
    path: "/host/enrol",
    operationId: "enrolHost",
    summary: "A server makes itself known, once",
    description:
      "For the host program. Authenticated by the enrolment secret; another key than the first is refused.",
    tags: ["host"],
    request: jsonBody(EnrolmentSchema),
    responses: {
      200: jsonResponse("The key is known from now on.", z.object({ enrolled: z.literal(true) })),
    },
  },
  errors: ["invalid_json", "invalid_request", "unauthorized", "already_enrolled", "internal"],
});

export const enrolHostRoute = newRouter().openapi(route, async (c) => {
  await enrolHost(c.env, { ...c.req.valid("json"), requestId: c.var.requestId });
  return c.json({ enrolled: true as const }, 200);
});
