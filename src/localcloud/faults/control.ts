import { Hono } from "hono";
import * as z from "zod";
import { notFound } from "../fly/errors.ts";
import { type ApiEnv, body, param } from "../fly/routes/http.ts";
import type { CallRecord } from "./calls.ts";
import { type FaultRules, ruleSchema } from "./rules.ts";

/** What can happen to a machine without anybody having asked for it. Each throws where there is no such machine. */
export interface MachineOrders {
  vanish(id: string): Promise<void>;
  crash(id: string): Promise<void>;
  setState(id: string, state: string): void;
}

/** Nothing of the vendor's: how a test, or a curious person, makes things go wrong. */
export function controlRoutes(machines: MachineOrders, rules: FaultRules, calls: CallRecord): Hono<ApiEnv> {
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
    const id = param(c, "machine");
    const order = param(c, "order");
    if (order === "vanish") await machines.vanish(id);
    else if (order === "crash") await machines.crash(id);
    else if (order === "state")
      machines.setState(id, (await body(c, z.strictObject({ state: z.string() }))).state);
    else throw notFound(`order ${order}`);
    return c.json({ ok: true });
  });

  return routes;
}
