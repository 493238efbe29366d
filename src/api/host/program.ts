import { createRoute, z } from "@hono/zod-openapi";
import { AppError } from "../../errors.ts";
import { HOST_PROGRAM, HOST_PROGRAM_SHA256 } from "../../host-program.ts";
import { newRouter } from "../route.ts";

const route = createRoute({
  method: "get",
  path: "/host/{file}",
  operationId: "getHostProgram",
  summary: "The host program, by its hash",
  tags: ["host"],
  security: [],
  request: { params: z.object({ file: z.string().regex(/^[0-9a-f]{64}\.mjs$/) }) },
  responses: {
    200: { description: "One file of JavaScript.", content: { "text/javascript": { schema: z.string() } } },
    404: { description: "Not the program of this version." },
  },
});

export const hostProgramRoute = newRouter().openapi(route, (c) => {
  if (c.req.valid("param").file !== `${HOST_PROGRAM_SHA256}.mjs`) {
    throw new AppError("not_found", "This is not the host program of this version.");
  }
  return c.text(HOST_PROGRAM, 200, {
    "Content-Type": "text/javascript; charset=utf-8",
    "Cache-Control": "public, max-age=31536000, immutable",
  });
});
