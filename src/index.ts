import { createApi } from "./api/app.ts";
import { handleEdge } from "./edge/handle.ts";
import { classifyHost } from "./edge/host.ts";
import { NOT_FOUND } from "./edge/notices.ts";
import { noticeResponse } from "./edge/pages.ts";
import { type Env, readConfig } from "./env.ts";
import { consumeQueue } from "./provisioning/wiring.ts";
import { permitWake } from "./services/instances/permit.ts";
import { runScheduled } from "./services/scheduled.ts";

export { AccountObject } from "./account/object.ts";
export { HostObject } from "./host-object/object.ts";
export { InstanceObject } from "./instance/object.ts";
export { WakeEntrypoint } from "./wake-entrypoint.ts";

const api = createApi();

export default {
  fetch(request, env, ctx) {
    const host = classifyHost(new URL(request.url).hostname, readConfig(env));
    switch (host.type) {
      case "instance":
        return handleEdge(request, env, ctx, host.subdomain);
      case "api":
        return api.fetch(request, env, ctx);
      default:
        return noticeResponse(request, NOT_FOUND);
    }
  },
  queue: (batch, env) => consumeQueue(batch, env, permitWake),
  scheduled: runScheduled,
} satisfies ExportedHandler<Env>;
