import { z } from "@hono/zod-openapi";
import type { TokenRow } from "../../services/tokens/list.ts";
import { isoTime } from "../instances/schema.ts";

export const TokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string().openapi({ description: "Enough to tell it from another." }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .openapi("Token");

export function toToken(row: TokenRow): z.infer<typeof TokenSchema> {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    createdAt: isoTime(row.createdAt),
    lastUsedAt: row.lastUsedAt === null ? null : isoTime(row.lastUsedAt),
  };
}
