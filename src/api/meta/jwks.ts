import { z } from "@hono/zod-openapi";
import { publicKeys } from "../../auth/signing-keys.ts";
import { readConfig } from "../../env.ts";
import { jsonResponse, newRouter, publicEndpoint } from "../route.ts";

const KeySchema = z.object({
  kty: z.string(),
  crv: z.string(),
  x: z.string(),
  kid: z.string(),
  alg: z.string(),
  use: z.string(),
});

const route = publicEndpoint({
  route: {
    method: "get",
    path: "/.well-known/jwks.json",
    operationId: "jwks",
    summary: "The public keys that this deployment signs with",
    tags: ["meta"],
    responses: { 200: jsonResponse("A JSON Web Key Set.", z.object({ keys: z.array(KeySchema) })) },
  },
  errors: ["internal"],
});

export const jwksRoute = newRouter().openapi(route, async (c) => {
  const { auditKeys, edgeKeys } = readConfig(c.env);
  const keys = (await publicKeys([...auditKeys, ...edgeKeys])) as z.infer<typeof KeySchema>[];
  // Short enough that a new key is found before it is much used.
  c.header("Cache-Control", "public, max-age=300");
  return c.json({ keys }, 200);
});
