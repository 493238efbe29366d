import type { Env } from "../../../src/env.ts";
import gentity from "../../../src/index.ts";

/**
 * The Worker as it is deployed, for `workerd serve`, which has neither D1 nor Analytics Engine: there, every name has a
 * running route, and rows for analytics go nowhere.
 */
const row = {
  account_id: "acc_bench",
  state: "running",
  problem: null,
  place: "bench",
  machine: "m1",
  access: "link",
};

const statement = {
  bind: (subdomain: string) => ({ first: async () => ({ ...row, id: `cmp${subdomain}` }) }),
};

/** Routes stay fresh for five seconds, and a rotation through all names may take longer. */
const SLOWNESS = 1_000;
const realNow = Date.now;
Date.now = () => Math.floor(realNow() / SLOWNESS);

let bench: Env | undefined;

/** One object for all requests, as the runtime's own is: what is parsed of it is remembered by it. */
function benchEnv(env: Env): Env {
  bench ??= {
    ...env,
    DB: { withSession: () => ({ prepare: () => statement }) } as unknown as D1Database,
    EDGE_EVENTS: { writeDataPoint: () => undefined },
  };
  return bench;
}

export { InstanceObject } from "../../../src/index.ts";

export default {
  fetch: (request, env, ctx) => gentity.fetch(request, benchEnv(env), ctx),
} satisfies ExportedHandler<Env>;
