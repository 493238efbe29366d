/** What we read of Cloudflare's answers: unknown fields pass, the ones used are checked. */
import * as z from "zod";

const messageSchema = z.looseObject({ code: z.number().optional(), message: z.string().default("") });

/** Every answer comes in this envelope; deleting a record is documented with the result alone. */
export const envelopeSchema = z.looseObject({
  success: z.boolean().optional(),
  errors: z
    .array(messageSchema)
    .nullish()
    .transform((errors) => errors ?? []),
  result: z.unknown().optional(),
  result_info: z.looseObject({ total_count: z.number().optional() }).nullish().catch(undefined),
});
export type CloudflareError = z.infer<typeof messageSchema>;

export const tunnelSchema = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  deleted_at: z.string().nullish(),
  config_src: z.string().optional(),
  /** Of old, in place of `config_src`. */
  remote_config: z.boolean().optional(),
});
export type CloudflareTunnel = z.infer<typeof tunnelSchema>;

export const tunnelListSchema = z
  .array(tunnelSchema)
  .nullish()
  .transform((tunnels) => tunnels ?? []);

const ruleSchema = z.looseObject({
  hostname: z.string().nullish(),
  path: z.string().nullish(),
  service: z.string(),
});

/** Of a tunnel that was never configured, `config` is empty or null. */
export const configurationSchema = z.looseObject({
  config: z.looseObject({ ingress: z.array(ruleSchema).nullish() }).nullish(),
});
export type CloudflareConfiguration = z.infer<typeof configurationSchema>;

/** The token that a connector runs with: base64 of JSON. */
export const tokenSchema = z.string().min(1);
export const tokenContentSchema = z.looseObject({ s: z.string() });

export const recordSchema = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  type: z.string(),
  content: z.string().default(""),
  proxied: z.boolean().optional(),
  comment: z.string().nullish(),
});
export type CloudflareRecord = z.infer<typeof recordSchema>;

export const recordListSchema = z
  .array(recordSchema)
  .nullish()
  .transform((records) => records ?? []);

export const zoneSchema = z.looseObject({
  name: z.string(),
  created_on: z.string().nullish(),
  plan: z.looseObject({ legacy_id: z.string().nullish() }).nullish(),
});
export type CloudflareZone = z.infer<typeof zoneSchema>;

/** For answers of which only the status counts. */
export const ignoredSchema = z.unknown();
