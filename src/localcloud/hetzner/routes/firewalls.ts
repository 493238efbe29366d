import { Hono } from "hono";
import * as z from "zod";
import { checkLabels } from "../labels.ts";
import { actionView, firewallView } from "../views.ts";
import { type ApiEnv, body, idOf, page, type RouteContext } from "./http.ts";

const labels = z.record(z.string(), z.string());

const rule = z.looseObject({
  direction: z.enum(["in", "out"]),
  protocol: z.enum(["tcp", "udp", "icmp", "esp", "gre"]),
  port: z.string().nullish(),
  source_ips: z.array(z.string()).default([]),
  destination_ips: z.array(z.string()).default([]),
  description: z.string().nullable().default(null),
});
const rules = z.array(rule).max(50);

const target = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("server"), server: z.object({ id: z.int() }) }),
  z.looseObject({ type: z.literal("label_selector"), label_selector: z.object({ selector: z.string() }) }),
]);

const createFirewall = z.looseObject({
  name: z.string().min(1).max(128),
  labels: labels.default({}),
  rules: rules.default([]),
  apply_to: z.array(target).default([]),
});
const updateFirewall = z.looseObject({ name: z.string().optional(), labels: labels.optional() });

export function firewallRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const { firewalls, state } = cloud;

  routes.get("/firewalls", (c) => page(c, "firewalls", state.firewalls.values(), firewallView));

  routes.post("/firewalls", async (c) => {
    const wanted = await body(c, createFirewall);
    const { firewall, actions } = firewalls.create({
      name: wanted.name,
      labels: checkLabels(wanted.labels),
      rules: wanted.rules,
      appliedTo: wanted.apply_to,
    });
    return c.json({ firewall: firewallView(firewall), actions: actions.map(actionView) }, 201);
  });

  routes.get("/firewalls/:id", (c) => c.json({ firewall: firewallView(firewalls.get(idOf(c, "firewall"))) }));

  routes.put("/firewalls/:id", async (c) => {
    const firewall = firewalls.get(idOf(c, "firewall"));
    const wanted = await body(c, updateFirewall);
    firewall.name = wanted.name ?? firewall.name;
    firewall.labels = checkLabels(wanted.labels ?? firewall.labels);
    state.changed();
    return c.json({ firewall: firewallView(firewall) });
  });

  routes.delete("/firewalls/:id", (c) => {
    firewalls.delete(idOf(c, "firewall"));
    return c.body(null, 204);
  });

  routes.post("/firewalls/:id/actions/set_rules", async (c) => {
    const wanted = await body(c, z.looseObject({ rules }));
    return c.json({ actions: firewalls.setRules(idOf(c, "firewall"), wanted.rules).map(actionView) }, 201);
  });

  routes.post("/firewalls/:id/actions/apply_to_resources", async (c) => {
    const { apply_to } = await body(c, z.looseObject({ apply_to: z.array(target).min(1) }));
    return c.json({ actions: firewalls.apply(idOf(c, "firewall"), apply_to).map(actionView) }, 201);
  });

  routes.post("/firewalls/:id/actions/remove_from_resources", async (c) => {
    const { remove_from } = await body(c, z.looseObject({ remove_from: z.array(target).min(1) }));
    return c.json({ actions: firewalls.remove(idOf(c, "firewall"), remove_from).map(actionView) }, 201);
  });

  return routes;
}
