import { Hono } from "hono";
import * as z from "zod";
import type { FlyCloud } from "../fly/engine/cloud.ts";
import { machineNotFound, notFound } from "../fly/errors.ts";
import { type ApiEnv, body, param } from "../fly/routes/http.ts";
import type { CallRecord } from "./calls.ts";
import { type FaultRules, ruleSchema } from "./rules.ts";

/** Nothing of the vendor's: how a test, or a curious person, makes things go wrong. */
export function controlRoutes(cloud: FlyCloud, rules: FaultRules, calls: CallRecord): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.post("/faults", async (c) => c.json(rules.add(await body(c, ruleSchema)), 201));
  routes.get("/faults", (c) => c.json({ faults: rules.list() }));
  routes.delete("/faults", (c) => {
    rules.clear();
    return c.body(null, 204);
  });
  routes.delete("/faults/:fault", (c) => {
    if (!rules.remove(param(c, "fault"))) throw notFound("fault");
    return c.body(null, 204);
  });

  routes.get("/calls", (c) => c.json({ calls: calls.list() }));
  routes.delete("/calls", (c) => {
    calls.clear();
    return c.body(null, 204);
  });

  routes.post("/machines/:machine/:order", async (c) => {
    const actor = cloud.findMachine(param(c, "machine"));
    if (!actor) throw machineNotFound();
    const order = param(c, "order");
    if (order === "vanish") await cloud.vanish(actor.record.id);
    else if (order === "crash") await actor.crash();
    else if (order === "state")
      actor.journal.set((await body(c, z.strictObject({ state: z.string() }))).state);
    else throw notFound(`order ${order}`);
    return c.json({ ok: true });
  });

  return routes;
}
