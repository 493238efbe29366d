import { Hono } from "hono";
import * as z from "zod";
import { findLocation } from "../catalog.ts";
import { invalidInput } from "../errors.ts";
import { checkLabels } from "../labels.ts";
import { actionView, volumeView } from "../views.ts";
import { type ApiEnv, body, idOf, page, type RouteContext } from "./http.ts";

const labels = z.record(z.string(), z.string());
const size = z.int().min(10).max(10_240);

const createVolume = z.looseObject({
  name: z.string().min(1).max(64),
  size,
  location: z.string().optional(),
  server: z.int().optional(),
  automount: z.boolean().default(false),
  format: z.enum(["ext4", "xfs"]).optional(),
  labels: labels.default({}),
});
const updateVolume = z.looseObject({ name: z.string().optional(), labels: labels.optional() });
const attachVolume = z.looseObject({ server: z.int(), automount: z.boolean().default(false) });

export function volumeRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const { state } = cloud;

  routes.get("/volumes", (c) =>
    page(
      c,
      "volumes",
      [...state.volumes.values()].map((record) => ({ ...record, status: volumeView(record, cloud).status })),
      (volume) => volumeView(volume, cloud),
    ),
  );

  routes.post("/volumes", async (c) => {
    const wanted = await body(c, createVolume);
    const server = wanted.server === undefined ? undefined : cloud.getServer(wanted.server);
    const location = server?.location ?? findLocation(wanted.location ?? "")?.name;
    if (location === undefined) throw invalidInput("location", "location or server is required");
    const { made, action, next } = await cloud.createVolume(
      {
        name: wanted.name,
        sizeGb: wanted.size,
        location,
        labels: checkLabels(wanted.labels),
        format: wanted.format ?? null,
        server: server?.id ?? null,
        automount: wanted.automount,
      },
      c.get("fate"),
    );
    const next_actions = next.map(actionView);
    return c.json(
      { volume: volumeView(made, cloud), action: action && actionView(action), next_actions },
      201,
    );
  });

  routes.get("/volumes/:id", (c) =>
    c.json({ volume: volumeView(cloud.getVolume(idOf(c, "volume")), cloud) }),
  );

  routes.put("/volumes/:id", async (c) => {
    const volume = cloud.getVolume(idOf(c, "volume"));
    const wanted = await body(c, updateVolume);
    volume.name = wanted.name ?? volume.name;
    volume.labels = checkLabels(wanted.labels ?? volume.labels);
    state.changed();
    return c.json({ volume: volumeView(volume, cloud) });
  });

  routes.delete("/volumes/:id", async (c) => {
    await cloud.deleteVolume(idOf(c, "volume"));
    return c.body(null, 204);
  });

  routes.post("/volumes/:id/actions/attach", async (c) => {
    const volume = cloud.getVolume(idOf(c, "volume"));
    const { server, automount } = await body(c, attachVolume);
    if (cloud.getServer(server).location !== volume.location) {
      throw invalidInput("server", "volume and server are not in the same location");
    }
    return c.json(
      { action: actionView(cloud.attach(volume.id, server, { ...c.get("fate"), automount })) },
      201,
    );
  });

  routes.post("/volumes/:id/actions/detach", (c) =>
    c.json({ action: actionView(cloud.detach(idOf(c, "volume"), c.get("fate"))) }, 201),
  );

  routes.post("/volumes/:id/actions/resize", async (c) => {
    const volume = cloud.getVolume(idOf(c, "volume"));
    const wanted = await body(c, z.looseObject({ size }));
    if (wanted.size <= volume.sizeGb) throw invalidInput("size", "must be larger than it is");
    return c.json({ action: actionView(cloud.resize(volume.id, wanted.size, c.get("fate"))) }, 201);
  });

  return routes;
}
