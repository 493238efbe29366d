/** What we read of Hetzner's answers: unknown fields pass, the ones used are checked. */
import * as z from "zod";

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((found) => found ?? {});

const ids = z
  .array(z.number())
  .nullish()
  .transform((found) => found ?? []);

export const actionSchema = z.looseObject({
  id: z.number(),
  command: z.string(),
  status: z.string(),
  started: z.string().nullish(),
  finished: z.string().nullish(),
  error: z.looseObject({ code: z.string(), message: z.string().default("") }).nullish(),
});
export type HetznerAction = z.infer<typeof actionSchema>;

const actions = z
  .array(actionSchema)
  .nullish()
  .transform((found) => found ?? []);

/** Of everything that changes something: what it set off. */
export const changedSchema = z.looseObject({
  action: actionSchema.nullish(),
  actions,
  next_actions: actions,
});
export type HetznerChange = z.infer<typeof changedSchema>;

export const actionListSchema = z.looseObject({ actions });

export const serverSchema = z.looseObject({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  created: z.string().nullish(),
  labels,
  volumes: ids,
  location: z.looseObject({ name: z.string() }).nullish(),
  server_type: z.looseObject({ name: z.string() }).nullish(),
});
export type HetznerServer = z.infer<typeof serverSchema>;

export const volumeSchema = z.looseObject({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  created: z.string().nullish(),
  labels,
  /** Where it is attached. */
  server: z.number().nullish(),
  location: z.looseObject({ name: z.string() }),
});
export type HetznerVolume = z.infer<typeof volumeSchema>;

export const firewallSchema = z.looseObject({
  id: z.number(),
  name: z.string(),
  labels,
  rules: z
    .array(z.looseObject({ direction: z.string() }))
    .nullish()
    .transform((found) => found ?? []),
});
export type HetznerFirewall = z.infer<typeof firewallSchema>;

export const serverTypeSchema = z.looseObject({
  name: z.string(),
  locations: z
    .array(z.looseObject({ name: z.string(), available: z.boolean().optional() }))
    .nullish()
    .transform((found) => found ?? []),
});
export type HetznerServerType = z.infer<typeof serverTypeSchema>;

export const metaSchema = z
  .looseObject({ pagination: z.looseObject({ next_page: z.number().nullish() }).nullish() })
  .nullish();

/** For answers of which only the status counts. */
export const ignoredSchema = z.unknown();
