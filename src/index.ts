import { createApi } from "./api/app.ts";
import { handleEdge } from "./edge/handle.ts";
import { classifyHost, hostnameOf } from "./edge/host.ts";
import { NOT_FOUND } from "./edge/notices.ts";
import { noticeResponse } from "./edge/pages.ts";
import { type Env, readConfig } from "./env.ts";
import { consumeQueue } from "./provisioning/wiring.ts";
import { runScheduled } from "./services/scheduled.ts";

export { AccountObject } from "./account/object.ts";
export { HostObject } from "./host-object/object.ts";
export { InstanceObject } from "./instance/object.ts";

const api = createApi();

export default {
  fetch(request, env, ctx) {
    const host = classifyHost(hostnameOf(request.url), readConfig(env));
    switch (host.type) {
      case "instance":
        return handleEdge(request, env, ctx, host.subdomain);
      case "api":
        return api.fetch(request, env, ctx);
      default:
        return noticeResponse(request, NOT_FOUND);
    }
  },
  queue: consumeQueue,
  scheduled: runScheduled,
} satisfies ExportedHandler<Env>;
