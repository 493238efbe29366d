import { Hono } from "hono";
import * as z from "zod";
import { machineConfigSchema, resolveGuest } from "../config.ts";
import { FlyError, invalid, precondition } from "../errors.ts";
import type { MachineRecord } from "../records.ts";
import { DEFAULT_REGION, isRegion } from "../regions.ts";
import { eventViews, machineView } from "../views.ts";
import { type ApiEnv, body, flag, list, param, type RouteContext } from "./http.ts";
import { grantLease, requireLease } from "./leases.ts";

const createMachine = z.looseObject({
  name: z.string().max(63).optional(),
  region: z.string().optional(),
  config: machineConfigSchema,
  skip_launch: z.boolean().optional(),
  lease_ttl: z.int().positive().optional(),
});

const updateMachine = createMachine.extend({ current_version: z.string().optional() });

function checkSize(config: z.infer<typeof machineConfigSchema>): void {
  const guest = resolveGuest(config);
  if ("error" in guest) throw new FlyError(422, guest.error);
}

/** `metadata.key=value`, which works although the specification does not list it. */
function matchesMetadata(record: MachineRecord, query: Record<string, string>): boolean {
  return Object.entries(query)
    .filter(([name]) => name.startsWith("metadata."))
    .every(([name, value]) => record.config.metadata?.[name.slice("metadata.".length)] === value);
}

export function machineRoutes({ cloud, owner }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get("/apps/:app/machines", (c) => {
    const app = cloud.getApp(param(c, "app"));
    const states = list(c, "state");
    const region = c.req.query("region");
    const records = cloud
      .machinesOf(app.name)
      .map((actor) => actor.record)
      .filter((record) => flag(c, "include_deleted") || record.state !== "destroyed")
      .filter((record) => states.length === 0 || states.includes(record.state))
      .filter((record) => !region || record.region === region)
      .filter((record) => matchesMetadata(record, c.req.query()));
    const options = { summary: flag(c, "summary"), withLease: flag(c, "include_leases") };
    return c.json(records.map((record) => machineView(record, options)));
  });

  routes.post("/apps/:app/machines", async (c) => {
    const app = cloud.getApp(param(c, "app"));
    const {
      name,
      region = DEFAULT_REGION,
      config,
      skip_launch = false,
      lease_ttl,
    } = await body(c, createMachine);
    if (!isRegion(region)) throw new FlyError(422, `region ${region} not found`);
    checkSize(config);
    if (app.deleting) throw precondition("app is being deleted");
    const machine = { app, name, region, config, skipLaunch: skip_launch };
    const { record } = cloud.createMachine(machine, c.get("fate"));
    const lease = lease_ttl ? grantLease(record, { ttl: lease_ttl, owner, description: "" }) : undefined;
    return c.json(machineView(record, { nonce: lease?.nonce }));
  });

  routes.get("/apps/:app/machines/:machine", (c) => {
    const { record } = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    return c.json(machineView(record, { withLease: flag(c, "include_leases") }));
  });

  routes.post("/apps/:app/machines/:machine", async (c) => {
    const actor = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    requireLease(c, actor.record);
    const { region, name, config, skip_launch = false, current_version } = await body(c, updateMachine);
    const { record } = actor;
    if (region && region !== record.region) throw invalid("cannot change region of an existing machine");
    if (name && name !== record.name) throw invalid("cannot change name of an existing machine");
    if (current_version && current_version !== record.instanceId) {
      throw new FlyError(409, "aborted: machine update failed due to concurrent update");
    }
    checkSize(config);
    const volumes = (of: typeof config) => (of.mounts ?? []).map(({ volume }) => volume).join();
    if (volumes(config) !== volumes(record.config))
      throw invalid("cannot change the volume of an existing machine");
    actor.update(config, skip_launch, c.get("fate"));
    return c.json(machineView(record));
  });

  routes.delete("/apps/:app/machines/:machine", (c) => {
    const actor = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    requireLease(c, actor.record);
    // The documentation says force, the vendor's own client kill.
    actor.destroy(flag(c, "force") || flag(c, "kill"), c.get("fate"));
    return c.json({ ok: true });
  });

  routes.get("/apps/:app/machines/:machine/events", (c) => {
    const { record } = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    return c.json(eventViews(record).slice(0, Number(c.req.query("limit") ?? 50)));
  });

  routes.get("/apps/:app/machines/:machine/versions", (c) => {
    const { record } = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    const versions = [{ version: record.instanceId, config: record.config }, ...record.versions];
    return c.json(versions.map(({ version, config }) => ({ version, user_config: config })));
  });

  return routes;
}
