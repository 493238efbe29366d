import { z } from "@hono/zod-openapi";
import type { AuditEventRow, AuditHeadRow } from "../../services/audit/list.ts";
import { isoTime } from "../instances/schema.ts";

const Hash = z.string().openapi({ description: "SHA-256 in hex." });

export const AuditEventSchema = z
  .object({
    id: z.string(),
    chain: z
      .string()
      .openapi({ description: "The instance's id, or the account's for what is not an instance's own." }),
    seq: z.int().openapi({ description: "Its place in the chain, from 1." }),
    prevHash: Hash,
    hash: Hash.openapi({
      description: "SHA-256 in hex of this object without `hash`, as canonical JSON (RFC 8785).",
    }),
    accountId: z.string(),
    instanceId: z.string().nullable(),
    actor: z.string().openapi({ example: "token:tok_01k5x3w8" }),
    action: z.string().openapi({ example: "instance.stop" }),
    target: z.string(),
    at: z.iso.datetime(),
    requestId: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()).nullable(),
  })
  .openapi("AuditEvent");

export const AuditHeadSchema = z
  .object({
    chain: z.string(),
    accountId: z.string(),
    seq: z.int(),
    hash: Hash,
    signedAt: z.iso.datetime(),
    jws: z
      .string()
      .openapi({ description: "{chain, accountId, seq, hash, at}, signed with a key of the JWKS." }),
  })
  .openapi("AuditHead");

const Position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional();

export const ReadingQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(500),
  cursor: Position.openapi({ description: "Where to go on, newest first." }),
  after: Position.openapi({ description: "Oldest first, from after this on; 0 for the beginning." }),
});

export const EventPageSchema = z.object({
  events: z.array(AuditEventSchema),
  nextCursor: z.string().nullable(),
});

export function toAuditEvent({ position: _, ...row }: AuditEventRow): z.infer<typeof AuditEventSchema> {
  return { ...row, at: isoTime(row.at) };
}

export function toAuditHead({ position: _, ...row }: AuditHeadRow): z.infer<typeof AuditHeadSchema> {
  return { ...row, signedAt: isoTime(row.signedAt) };
}
