import { Hono } from "hono";
import * as z from "zod";
import { durationMs } from "../config.ts";
import { type MachineActor, stopOptions } from "../engine/actor.ts";
import type { StopOptions } from "../engine/process-holder.ts";
import { invalid } from "../errors.ts";
import { type ApiContext, type ApiEnv, body, param, parse, type RouteContext } from "./http.ts";
import { requireLease } from "./leases.ts";

const STOP_SIGNALS = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGTERM"] as const;
const SIGNALS = [
  ...["SIGABRT", "SIGALRM", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGKILL", "SIGPIPE", "SIGQUIT"],
  ...["SIGSEGV", "SIGTERM", "SIGTRAP", "SIGUSR1", "SIGUSR2"],
] as NodeJS.Signals[];

const stopRequest = z.looseObject({
  // The vendor's client sends the bare name as well.
  signal: z
    .string()
    .transform((name) => (name.startsWith("SIG") ? name : `SIG${name}`))
    .pipe(z.enum(STOP_SIGNALS))
    .optional(),
  timeout: z.union([z.string(), z.number()]).optional(),
});

const signalRequest = z.looseObject({ signal: z.enum(SIGNALS as [NodeJS.Signals, ...NodeJS.Signals[]]) });

function merge(actor: MachineActor, { signal, timeout }: z.infer<typeof stopRequest>): StopOptions {
  const configured = stopOptions(actor.record.config);
  const timeoutMs = timeout === undefined || timeout === "" ? configured.timeoutMs : durationMs(timeout);
  if (timeoutMs === undefined) throw invalid(`timeout: "${timeout}" is not a duration`);
  return { signal: signal ?? configured.signal, timeoutMs };
}

export function actionRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const path = (action: string) => `/apps/:app/machines/:machine/${action}`;
  const target = (c: ApiContext): MachineActor => {
    const actor = cloud.getMachine(cloud.getApp(param(c, "app")).name, param(c, "machine"));
    requireLease(c, actor.record);
    return actor;
  };

  routes.post(path("start"), (c) => {
    const { previous } = target(c).start(c.get("fate"));
    return c.json({ previous_state: previous, migrated: false, new_host: "" });
  });

  routes.post(path("stop"), async (c) => {
    const actor = target(c);
    actor.stop(merge(actor, await body(c, stopRequest)), c.get("fate"));
    return c.json({ ok: true });
  });

  routes.post(path("suspend"), (c) => {
    target(c).suspend(c.get("fate"));
    return c.json({ ok: true });
  });

  routes.post(path("restart"), (c) => {
    const actor = target(c);
    const asked = parse(stopRequest, { signal: c.req.query("signal"), timeout: c.req.query("timeout") });
    const options = merge(actor, asked);
    const forced = c.req.query("force_stop") === "true";
    actor.restart(forced ? { signal: "SIGKILL", timeoutMs: 0 } : options, c.get("fate"));
    return c.json({ ok: true });
  });

  routes.post(path("signal"), async (c) => {
    const actor = target(c);
    const { signal } = await body(c, signalRequest);
    await actor.signal(signal);
    return c.json({ ok: true });
  });

  for (const [action, cordoned] of [
    ["cordon", true],
    ["uncordon", false],
  ] as const) {
    routes.post(path(action), (c) => {
      target(c).record.cordoned = cordoned;
      cloud.context.state.changed();
      return c.json({ ok: true });
    });
  }

  return routes;
}
