import { createApi, isApiPath } from "./api/app.ts";
import { describeApi } from "./api/meta/openapi.ts";
import { createDashboard } from "./dashboard/app.tsx";
import { handleEdge } from "./edge/handle.ts";
import { classifyHost, hostnameOf } from "./edge/host.ts";
import { type Env, readConfig } from "./env.ts";
import { consumeQueue } from "./provisioning/wiring.ts";
import { permitWake } from "./services/instances/permit.ts";
import { runScheduled } from "./services/scheduled.ts";

export { AccountObject } from "./account/object.ts";
export { HostObject } from "./host-object/object.ts";
export { InstanceObject } from "./instance/object.ts";
export { WakeEntrypoint } from "./wake-entrypoint.ts";

const api = createApi();
const dashboard = createDashboard({ describeApi: () => describeApi(api) });

/**
 * What a host that cannot be an instance's is looked up as: no name has this form. It takes the way of every other name that is not there,
 * through the same look-up and the same limit, so that neither the answer nor its time tells them apart.
 */
const NOBODYS = "-";

export default {
  fetch(request, env, ctx) {
    const host = classifyHost(hostnameOf(request.url), readConfig(env));
    switch (host.type) {
      case "instance":
        return handleEdge(request, env, ctx, host.subdomain);
      case "api":
        return (isApiPath(new URL(request.url).pathname) ? api : dashboard).fetch(request, env, ctx);
      default:
        return handleEdge(request, env, ctx, NOBODYS);
    }
  },
  queue: (batch, env) => consumeQueue(batch, env, permitWake),
  scheduled: runScheduled,
} satisfies ExportedHandler<Env>;
