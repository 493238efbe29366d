/**
 * What we read of Fly's answers: unknown fields pass, the ones used are checked. Where the live API is known to leave a
 * field out (zero values, `config` of a machine whose host is away), it is optional here too.
 */
import * as z from "zod";

export const appSchema = z.looseObject({
  name: z.string(),
  organization: z.looseObject({ slug: z.string().optional() }).optional(),
  /** Told by the list of apps, not always by the app itself. */
  network: z.string().optional(),
});
export type FlyApp = z.infer<typeof appSchema>;

export const appListSchema = z.looseObject({
  apps: z
    .array(appSchema)
    .nullish()
    .transform((apps) => apps ?? []),
});

const exitEventSchema = z.looseObject({
  exit_code: z.number().optional(),
  guest_exit_code: z.number().optional(),
  oom_killed: z.boolean().optional(),
  requested_stop: z.boolean().optional(),
  restarting: z.boolean().optional(),
  /** Seen as RFC 3339 and as milliseconds. */
  exited_at: z.union([z.string(), z.number()]).optional(),
});
export type FlyExit = z.infer<typeof exitEventSchema>;

const eventSchema = z.looseObject({
  type: z.string().optional(),
  status: z.string().optional(),
  timestamp: z.number().optional(),
  request: z.looseObject({ exit_event: exitEventSchema.nullish() }).nullish(),
});
export type FlyEvent = z.infer<typeof eventSchema>;

const configSchema = z.looseObject({
  metadata: z.record(z.string(), z.string()).nullish(),
  mounts: z.array(z.looseObject({ volume: z.string().optional() })).nullish(),
});

export const machineSchema = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  state: z.string(),
  region: z.string().optional(),
  instance_id: z.string().optional(),
  host_status: z.string().optional(),
  created_at: z.string().optional(),
  updated_at: z.string().optional(),
  config: configSchema.nullish(),
  /** In place of `config` while the host is away. */
  incomplete_config: configSchema.nullish(),
  // Events only explain: an odd one must not hide the machine itself.
  events: z.array(eventSchema).nullish().catch(undefined),
});
export type FlyMachine = z.infer<typeof machineSchema>;

export const machineListSchema = z
  .array(machineSchema)
  .nullish()
  .transform((machines) => machines ?? []);

export const volumeSchema = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  state: z.string(),
  region: z.string(),
  created_at: z.string().optional(),
  attached_machine_id: z.string().nullish(),
});
export type FlyVolume = z.infer<typeof volumeSchema>;

export const volumeListSchema = z
  .array(volumeSchema)
  .nullish()
  .transform((volumes) => volumes ?? []);

export const addressListSchema = z.looseObject({
  ips: z
    .array(z.looseObject({ ip: z.string(), shared: z.boolean().optional() }))
    .nullish()
    .transform((ips) => ips ?? []),
});

export const orgMachinesSchema = z.looseObject({
  machines: z
    .array(machineSchema.extend({ app_name: z.string() }))
    .nullish()
    .transform((machines) => machines ?? []),
  next_cursor: z.string().nullish(),
  /** Regions that did not answer: what they hold is missing from this page. */
  error_regions: z.array(z.string()).nullish(),
});
export type FlyOrgMachine = z.infer<typeof orgMachinesSchema>["machines"][number];

export const orgVolumesSchema = z.looseObject({
  volumes: z
    .array(volumeSchema.extend({ app_name: z.string() }))
    .nullish()
    .transform((volumes) => volumes ?? []),
  next_cursor: z.string().nullish(),
  error_regions: z.array(z.string()).nullish(),
});
export type FlyOrgVolume = z.infer<typeof orgVolumesSchema>["volumes"][number];

/** Zero and empty fields are left out by the vendor's encoder. */
export const execSchema = z.looseObject({
  exit_code: z.number().default(0),
  exit_signal: z.number().optional(),
  stdout: z.string().default(""),
  stderr: z.string().default(""),
});

export const logsSchema = z.looseObject({
  data: z
    .array(
      z.looseObject({
        attributes: z.looseObject({
          timestamp: z.string(),
          message: z.string().default(""),
          level: z.string().default("info"),
          instance: z.string().default(""),
          region: z.string().default(""),
        }),
      }),
    )
    .nullish()
    .transform((lines) => lines ?? []),
  meta: z.looseObject({ next_token: z.union([z.string(), z.number()]).nullish() }).nullish(),
});

/** For answers of which only the status counts. */
export const ignoredSchema = z.unknown();
