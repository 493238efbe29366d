import { Hono } from "hono";
import * as z from "zod";
import type { MachineRecord, VolumeRecord } from "../records.ts";
import { DEFAULT_REGION, REGIONS } from "../regions.ts";
import { orgMachineView, volumeView } from "../views.ts";
import { type ApiContext, type ApiEnv, body, flag, list, param, type RouteContext } from "./http.ts";

const placements = z.looseObject({
  org_slug: z.string(),
  region: z.string().optional(),
  count: z.int().positive().optional(),
});

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
/** How many machines a region is said to have room for. */
const ROOM = 1000;

interface Row {
  id: string;
  app: string;
  region: string;
  state: string;
  updatedAt: string;
}

interface Page<T> {
  rows: T[];
  last?: T;
  cursor: string;
}

/** Rows in the order of their ids; the cursor is the id after which to go on. */
function page<T extends Row>(c: ApiContext, rows: T[]): Page<T> {
  const states = list(c, "state");
  const region = c.req.query("region");
  const cursor = c.req.query("cursor") ?? "";
  const updatedAfter = c.req.query("updated_after") ?? "";
  const limit = Math.min(Number(c.req.query("limit")) || DEFAULT_LIMIT, MAX_LIMIT);
  const found = rows
    .filter((row) => states.length === 0 || states.includes(row.state))
    .filter((row) => !region || row.region === region)
    .filter((row) => row.updatedAt > updatedAfter && row.id > cursor)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const taken = found.slice(0, limit);
  return { rows: taken, last: taken.at(-1), cursor: found.length > limit ? (taken.at(-1)?.id ?? "") : "" };
}

export function platformRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const { state, volumeDir } = cloud.context;
  const inOrg = (c: ApiContext) => (row: Row) => state.apps.get(row.app)?.orgSlug === param(c, "org");

  routes.get("/orgs/:org/machines", (c) => {
    const rows: MachineRecord[] = [...state.machines.values()]
      .filter(inOrg(c))
      .filter((row) => flag(c, "include_deleted") || row.state !== "destroyed");
    const { rows: taken, last, cursor } = page(c, rows);
    return c.json({
      machines: taken.map(orgMachineView),
      next_cursor: cursor,
      last_machine_id: last?.id ?? "",
      last_updated_at: last?.updatedAt ?? "",
      error_regions: [],
    });
  });

  routes.get("/orgs/:org/volumes", async (c) => {
    const rows: VolumeRecord[] = [...state.volumes.values()].filter(inOrg(c));
    const { rows: taken, last, cursor } = page(c, rows);
    const volumes = taken.map(async (volume) => ({
      ...(await volumeView(volume, volumeDir(volume.id))),
      attached_machine_id: volume.attachedMachine ?? "",
      attached_alloc_id: "",
      app_name: volume.app,
      updated_at: volume.updatedAt,
    }));
    return c.json({
      volumes: await Promise.all(volumes),
      next_cursor: cursor,
      last_volume_id: last?.id ?? "",
      last_updated_at: last?.updatedAt ?? "",
    });
  });

  // The live answers of these two are in PascalCase, whatever the specification says.
  routes.get("/platform/regions", (c) =>
    c.json({
      Nearest: DEFAULT_REGION,
      Regions: REGIONS.map(({ code, name, latitude, longitude, geoRegion }) => ({
        code,
        name,
        latitude,
        longitude,
        geo_region: geoRegion,
        gateway_available: true,
        requires_paid_plan: false,
        deprecated: false,
        mpg_available: false,
      })),
    }),
  );

  routes.post("/platform/placements", async (c) => {
    const { region, count = 1 } = await body(c, placements);
    const wanted = region ? region.split(",").filter((code) => code !== "any") : [];
    const regions = REGIONS.filter(({ code }) => wanted.length === 0 || wanted.includes(code));
    return c.json({
      Regions: regions.map(({ code }) => ({ Region: code, Count: Math.max(count, ROOM), Concurrency: 1 })),
    });
  });

  return routes;
}
