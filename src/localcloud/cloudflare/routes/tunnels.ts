import { Hono } from "hono";
import * as z from "zod";
import { connectorToken } from "../cloud.ts";
import type { TunnelRecord } from "../records.ts";
import { configurationView, connectorViews, tunnelView } from "../views.ts";
import {
  type ApiContext,
  type ApiEnv,
  body,
  identifier,
  param,
  type RouteContext,
  success,
  successPage,
} from "./http.ts";

const createTunnel = z.looseObject({
  name: z.string(),
  tunnel_secret: z.string().optional(),
  config_src: z.enum(["local", "cloudflare"]).default("local"),
});

const updateTunnel = z.looseObject({ name: z.string().optional(), tunnel_secret: z.string().optional() });

const configuration = z.looseObject({
  config: z.looseObject({
    ingress: z.array(
      z.looseObject({
        hostname: z.string().optional(),
        path: z.string().optional(),
        service: z.string(),
        originRequest: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});

export function tunnelRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const view = (tunnel: TunnelRecord) => tunnelView(tunnel, cloud.links.of(tunnel.id));
  const living = (c: ApiContext) => cloud.getLiving(identifier(c, "account"), param(c, "tunnel"));

  routes.get("/", (c) => {
    const {
      name,
      is_deleted: deleted,
      include_prefix: prefix,
      exclude_prefix: without,
      uuid,
    } = c.req.query();
    const found = cloud
      .tunnelsOf(identifier(c, "account"))
      .filter(
        (tunnel) =>
          (name === undefined || tunnel.name === name) &&
          (uuid === undefined || tunnel.id === uuid) &&
          (prefix === undefined || tunnel.name.startsWith(prefix)) &&
          (without === undefined || !tunnel.name.startsWith(without)) &&
          (deleted === undefined || String(tunnel.deletedAt !== undefined) === deleted),
      );
    return successPage(c, found.map(view), 20);
  });

  routes.post("/", async (c) => {
    const account = identifier(c, "account");
    const { name, tunnel_secret: secret, config_src: configSource } = await body(c, createTunnel);
    const tunnel = cloud.createTunnel(account, { name, secret, configSource });
    return success(c, tunnelView(tunnel, [], { token: true }));
  });

  routes.get("/:tunnel", (c) =>
    success(c, view(cloud.getTunnel(identifier(c, "account"), param(c, "tunnel")))),
  );

  routes.patch("/:tunnel", async (c) => {
    const { name, tunnel_secret: secret } = await body(c, updateTunnel);
    const tunnel = living(c);
    cloud.updateTunnel(tunnel, { name, secret });
    return success(c, view(tunnel));
  });

  routes.delete("/:tunnel", (c) => {
    const tunnel = living(c);
    cloud.deleteTunnel(tunnel, { cascade: c.req.query("cascade") === "true" });
    return success(c, view(tunnel));
  });

  routes.get("/:tunnel/token", (c) => success(c, connectorToken(living(c))));

  routes.get("/:tunnel/configurations", (c) => success(c, configurationView(living(c))));

  routes.put("/:tunnel/configurations", async (c) => {
    const { config } = await body(c, configuration);
    const tunnel = living(c);
    cloud.configureTunnel(tunnel, config);
    return success(c, configurationView(tunnel));
  });

  routes.get("/:tunnel/connections", (c) => success(c, connectorViews(cloud.links.of(living(c).id))));

  routes.delete("/:tunnel/connections", (c) => {
    cloud.links.drop(living(c).id, c.req.query("client_id"));
    return success(c, null);
  });

  return routes;
}
