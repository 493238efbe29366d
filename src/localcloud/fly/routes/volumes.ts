import { Hono } from "hono";
import * as z from "zod";
import { FlyError, invalid } from "../errors.ts";
import { newVolumeId } from "../ids.ts";
import type { VolumeRecord } from "../records.ts";
import { isRegion } from "../regions.ts";
import { volumeView } from "../views.ts";
import { type ApiContext, type ApiEnv, body, param, type RouteContext } from "./http.ts";

const DEFAULT_SIZE_GB = 3;
const MAX_SIZE_GB = 500;

const createVolume = z.looseObject({
  name: z.string().regex(/^[a-z0-9_]{1,30}$/, "must be 1 to 30 lowercase letters, numbers or underscores"),
  region: z.string(),
  size_gb: z.int().min(1).max(MAX_SIZE_GB).default(DEFAULT_SIZE_GB),
  encrypted: z.boolean().default(true),
  snapshot_retention: z.int().min(1).max(60).default(5),
  auto_backup_enabled: z.boolean().default(true),
  source_volume_id: z.string().optional(),
});

const updateVolume = z.looseObject({
  snapshot_retention: z.int().min(1).max(60).optional(),
  auto_backup_enabled: z.boolean().optional(),
});

const extendVolume = z.looseObject({ size_gb: z.int().positive().max(MAX_SIZE_GB) });

export function volumeRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const view = (volume: VolumeRecord) => volumeView(volume, cloud.context.volumeDir(volume.id));
  const find = (c: ApiContext) => {
    const app = cloud.getApp(param(c, "app"));
    return cloud.getVolume(app.name, param(c, "volume"));
  };
  const touched = (volume: VolumeRecord): void => {
    volume.updatedAt = new Date().toISOString();
    cloud.context.state.changed();
  };

  routes.get("/apps/:app/volumes", async (c) => {
    const app = cloud.getApp(param(c, "app"));
    return c.json(await Promise.all(cloud.volumesOf(app.name).map(view)));
  });

  routes.post("/apps/:app/volumes", async (c) => {
    const app = cloud.getApp(param(c, "app"));
    const wanted = await body(c, createVolume);
    if (!isRegion(wanted.region)) throw new FlyError(422, `region ${wanted.region} not found`);
    const { source_volume_id: source } = wanted;
    const volume = await cloud.createVolume(app.name, {
      ...(source === undefined ? {} : { source }),
      name: wanted.name,
      region: wanted.region,
      sizeGb: wanted.size_gb,
      encrypted: wanted.encrypted,
      snapshotRetention: wanted.snapshot_retention,
      autoBackup: wanted.auto_backup_enabled,
    });
    return c.json(await view(volume));
  });

  routes.get("/apps/:app/volumes/:volume", async (c) => c.json(await view(find(c))));

  routes.put("/apps/:app/volumes/:volume", async (c) => {
    const volume = find(c);
    const { snapshot_retention, auto_backup_enabled } = await body(c, updateVolume);
    volume.snapshotRetention = snapshot_retention ?? volume.snapshotRetention;
    volume.autoBackup = auto_backup_enabled ?? volume.autoBackup;
    touched(volume);
    return c.json(await view(volume));
  });

  routes.put("/apps/:app/volumes/:volume/extend", async (c) => {
    const volume = find(c);
    const { size_gb } = await body(c, extendVolume);
    if (size_gb < volume.sizeGb) throw invalid("volumes can be extended, not shrunk");
    volume.sizeGb = size_gb;
    touched(volume);
    return c.json({ needs_restart: false, volume: await view(volume) });
  });

  routes.delete("/apps/:app/volumes/:volume", async (c) => {
    const volume = find(c);
    cloud.deleteVolume(volume);
    return c.json(await view(volume));
  });

  routes.get("/apps/:app/volumes/:volume/snapshots", (c) => {
    const volume = find(c);
    return c.json(
      volume.snapshots.map(({ id, createdAt }) => ({
        id,
        created_at: createdAt,
        digest: "",
        size: 0,
        volume_size: volume.sizeGb * 2 ** 30,
        retention_days: volume.snapshotRetention,
        status: "created",
      })),
    );
  });

  /** Only the record: a folder's past is not kept. */
  routes.post("/apps/:app/volumes/:volume/snapshots", (c) => {
    const volume = find(c);
    volume.snapshots.push({ id: newVolumeId().replace("vol_", "vs_"), createdAt: new Date().toISOString() });
    touched(volume);
    return c.json({});
  });

  return routes;
}
