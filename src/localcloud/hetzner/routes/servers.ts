import { Hono } from "hono";
import * as z from "zod";
import { findImage, findLocation, findServerType } from "../catalog.ts";
import type { ServerOrder } from "../cloud.ts";
import { invalidInput, notFound } from "../errors.ts";
import { checkLabels } from "../labels.ts";
import { actionView, serverView } from "../views.ts";
import { type ApiEnv, body, idOf, page, type RouteContext } from "./http.ts";

const MAX_USER_DATA_BYTES = 32 * 1024;
const DEFAULT_LOCATION = "fsn1";
const HOSTNAME =
  /^(?=.{1,253}$)[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const ORDERS: readonly ServerOrder[] = ["poweron", "poweroff", "shutdown", "reboot", "reset"];

const labels = z.record(z.string(), z.string());

const createServer = z.looseObject({
  name: z.string().regex(HOSTNAME, "must be a valid hostname"),
  server_type: z.coerce.string(),
  image: z.coerce.string(),
  location: z.string().default(DEFAULT_LOCATION),
  labels: labels.default({}),
  firewalls: z.array(z.looseObject({ firewall: z.int() })).default([]),
  volumes: z.array(z.int()).default([]),
  automount: z.boolean().default(false),
  start_after_create: z.boolean().default(true),
  ssh_keys: z.array(z.coerce.string()).default([]),
  user_data: z
    .string()
    .refine((text) => Buffer.byteLength(text) <= MAX_USER_DATA_BYTES, "must not be larger than 32 KiB")
    .default(""),
  public_net: z
    .looseObject({ enable_ipv4: z.boolean().default(true), enable_ipv6: z.boolean().default(true) })
    .default({ enable_ipv4: true, enable_ipv6: true }),
});

const updateServer = z.looseObject({
  name: z.string().regex(HOSTNAME).optional(),
  labels: labels.optional(),
});

type Wanted = z.infer<typeof createServer>;

/** What is sold, where it is sold. */
function placement({ server_type, image, location }: Wanted) {
  const place = findLocation(location);
  if (!place) throw invalidInput("location", `location ${location} not found`);
  const type = findServerType(server_type);
  if (!type) throw invalidInput("server_type", `server type ${server_type} not found`);
  if (!type.locations.includes(place.name))
    throw invalidInput("server_type", "unsupported location for server type");
  const system = findImage(image);
  if (!system) throw invalidInput("image", `image ${image} not found`);
  return { location: place.name, serverType: type.name, image: system.name };
}

export function serverRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const { state } = cloud;

  routes.get("/servers", (c) =>
    page(c, "servers", state.servers.values(), (server) => serverView(server, cloud)),
  );

  routes.post("/servers", async (c) => {
    const wanted = await body(c, createServer);
    const place = placement(wanted);
    for (const id of wanted.volumes) {
      if (cloud.getVolume(id).location !== place.location) {
        throw invalidInput("volumes", `volume ${id} is not in location ${place.location}`);
      }
    }
    const { made, action, next } = await cloud.createServer(
      {
        ...place,
        name: wanted.name,
        labels: checkLabels(wanted.labels),
        userData: wanted.user_data,
        hasIpv4: wanted.public_net.enable_ipv4,
        hasIpv6: wanted.public_net.enable_ipv6,
        automount: wanted.automount,
        firewalls: wanted.firewalls.map(({ firewall }) => firewall),
        volumes: wanted.volumes,
        startsAfterCreate: wanted.start_after_create,
      },
      c.get("fate"),
    );
    return c.json(
      {
        server: serverView(made, cloud),
        action: action && actionView(action),
        next_actions: next.map(actionView),
        // Nobody can log in here; the vendor has one where no key was given.
        root_password: wanted.ssh_keys.length > 0 ? null : "not-used-here",
      },
      201,
    );
  });

  routes.get("/servers/:id", (c) =>
    c.json({ server: serverView(cloud.getServer(idOf(c, "server")), cloud) }),
  );

  routes.put("/servers/:id", async (c) => {
    const server = cloud.getServer(idOf(c, "server"));
    const wanted = await body(c, updateServer);
    server.name = wanted.name ?? server.name;
    server.labels = checkLabels(wanted.labels ?? server.labels);
    state.changed();
    return c.json({ server: serverView(server, cloud) });
  });

  routes.delete("/servers/:id", (c) =>
    c.json({ action: actionView(cloud.deleteServer(idOf(c, "server"), c.get("fate"))) }),
  );

  routes.get("/servers/:id/actions", (c) => {
    const { id } = cloud.getServer(idOf(c, "server"));
    return page(c, "actions", state.actionsOf("server", id).reverse(), actionView);
  });

  routes.get("/servers/:id/actions/:action", (c) => {
    const action = cloud.actions.get(idOf(c, "action", "action"));
    const server = idOf(c, "server");
    if (!action.resources.some(({ type, id }) => type === "server" && id === server)) {
      throw notFound("action", action.id);
    }
    return c.json({ action: actionView(action) });
  });

  for (const order of ORDERS) {
    routes.post(`/servers/:id/actions/${order}`, (c) =>
      c.json({ action: actionView(cloud.act(idOf(c, "server"), order, c.get("fate"))) }, 201),
    );
  }

  return routes;
}
