import { Hono } from "hono";
import * as z from "zod";
import { FlyError, invalid, notFound } from "../errors.ts";
import type { AppRecord, IpRecord } from "../records.ts";
import { appView, ipView } from "../views.ts";
import { type ApiEnv, body, param, type RouteContext } from "./http.ts";

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const NETWORK = /^[A-Za-z][A-Za-z0-9-]*$/;

const createApp = z.looseObject({
  // The documentation says `app_name`, the specification and the vendor's own client `name`.
  name: z.string().optional(),
  app_name: z.string().optional(),
  org_slug: z.string().min(1),
  network: z.string().optional(),
});

const assignIp = z.looseObject({
  type: z.enum(["v4", "v6", "shared_v4", "private_v6"]).default("v6"),
  region: z.string().optional(),
  service_name: z.string().optional(),
});

function newAddress(type: IpRecord["type"], app: AppRecord): string {
  const tail = `${app.number.toString(16)}:${(app.ips.length + 1).toString(16)}`;
  switch (type) {
    case "shared_v4":
      return "66.241.124.1";
    case "v4":
      // From the block that is reserved for documentation: it must never route anywhere.
      return `203.0.113.${(app.number % 250) + 1}`;
    case "v6":
      return `2a09:8280:1::${tail}`;
    case "private_v6":
      return `fdaa:0:${app.number.toString(16)}:0:1::${tail}`;
    default:
      return type satisfies never;
  }
}

export function appRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const view = (app: AppRecord) =>
    appView(app, {
      machines: cloud.machinesOf(app.name).filter(({ record }) => record.state !== "destroyed").length,
      volumes: cloud.volumesOf(app.name).length,
    });

  routes.get("/apps", (c) => {
    const org = c.req.query("org_slug");
    if (!org) throw invalid("org_slug is required");
    const apps = [...cloud.context.state.apps.values()].filter((app) => app.orgSlug === org);
    return c.json({ total_apps: apps.length, apps: apps.map(view) });
  });

  routes.post("/apps", async (c) => {
    const { name, app_name, org_slug, network } = await body(c, createApp);
    const wanted = name ?? app_name ?? "";
    if (!NAME.test(wanted)) {
      throw new FlyError(
        422,
        "Validation failed: Name may only contain numbers, lowercase letters and dashes",
      );
    }
    if (network && !NETWORK.test(network))
      throw new FlyError(422, "Validation failed: Network name is invalid");
    const app = cloud.createApp({ name: wanted, orgSlug: org_slug, network: network ?? "default" });
    return c.json({ id: app.id, created_at: Date.parse(app.createdAt) }, 201);
  });

  routes.get("/apps/:app", (c) => c.json(view(cloud.getApp(param(c, "app")))));

  routes.delete("/apps/:app", (c) => {
    cloud.deleteApp(param(c, "app"));
    return c.body(null, 202);
  });

  routes.get("/apps/:app/ip_assignments", (c) =>
    c.json({ ips: cloud.getApp(param(c, "app")).ips.map(ipView) }),
  );

  routes.post("/apps/:app/ip_assignments", async (c) => {
    const app = cloud.getApp(param(c, "app"));
    const { type, region, service_name } = await body(c, assignIp);
    const shared = app.ips.find((ip) => ip.type === "shared_v4");
    // An app has one shared address; asking again answers with it.
    if (type === "shared_v4" && shared) return c.json(ipView(shared));
    const ip = cloud.addIp(app, {
      ip: newAddress(type, app),
      type,
      region: region ?? "global",
      serviceName: service_name,
    });
    return c.json(ipView(ip));
  });

  routes.delete("/apps/:app/ip_assignments/:ip", (c) => {
    const app = cloud.getApp(param(c, "app"));
    const index = app.ips.findIndex(({ ip }) => ip === param(c, "ip"));
    if (index === -1) throw notFound("ip assignment");
    app.ips.splice(index, 1);
    return c.body(null, 204);
  });

  return routes;
}
