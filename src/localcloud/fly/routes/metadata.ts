import { Hono } from "hono";
import * as z from "zod";
import { notFound, precondition } from "../errors.ts";
import type { MachineRecord } from "../records.ts";
import { type ApiContext, type ApiEnv, body, param, type RouteContext } from "./http.ts";
import { requireLease } from "./leases.ts";

const upsert = z.looseObject({ value: z.string() });
const update = z.looseObject({
  metadata: z.record(z.string(), z.string().nullable()),
  machine_version: z.string().optional(),
});

/** Metadata lives in the configuration, but changing it makes no new version and restarts nothing. */
export function metadataRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const path = "/apps/:app/machines/:machine/metadata";
  const find = (c: ApiContext) =>
    cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine")).record;
  const replace = (record: MachineRecord, changes: Record<string, string | null>): void => {
    // Nothing is how a key is taken out.
    const kept = Object.entries(changes).filter((entry): entry is [string, string] => Boolean(entry[1]));
    record.config = { ...record.config, metadata: Object.fromEntries(kept) };
    record.updatedAt = new Date().toISOString();
    cloud.context.state.changed();
  };

  routes.get(path, (c) => c.json(find(c).config.metadata ?? {}));

  for (const method of ["PUT", "PATCH"] as const) {
    routes.on(method, path, async (c) => {
      const record = find(c);
      requireLease(c, record);
      const { metadata, machine_version } = await body(c, update);
      if (machine_version && machine_version !== record.instanceId) {
        throw precondition("machine version does not match");
      }
      replace(record, method === "PUT" ? metadata : { ...record.config.metadata, ...metadata });
      return c.body(null, 204);
    });
  }

  routes.get(`${path}/:key`, (c) => {
    const value = find(c).config.metadata?.[param(c, "key")];
    if (value === undefined) throw notFound("metadata key");
    return c.json({ value });
  });

  routes.post(`${path}/:key`, async (c) => {
    const record = find(c);
    requireLease(c, record);
    const { value } = await body(c, upsert);
    replace(record, { ...record.config.metadata, [param(c, "key")]: value });
    return c.body(null, 204);
  });

  routes.delete(`${path}/:key`, (c) => {
    const record = find(c);
    requireLease(c, record);
    replace(record, { ...record.config.metadata, [param(c, "key")]: null });
    return c.body(null, 204);
  });

  return routes;
}
