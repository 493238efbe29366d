import type { OpenAPIHono } from "@hono/zod-openapi";
import { getAccountRoute } from "./account/get.ts";
import { mountAdmin } from "./admin/app.ts";
import { listHeadsRoute } from "./audit/heads.ts";
import { listAuditRoute } from "./audit/list.ts";
import { listAgentsRoute } from "./catalog/agents.ts";
import { readFleetRoute } from "./fleet.ts";
import { openHostChannelRoute } from "./host/channel.ts";
import { enrolHostRoute } from "./host/enrol.ts";
import { hostProgramRoute } from "./host/program.ts";
import { actOnInstanceRoute } from "./instances/action.ts";
import { cloneInstanceRoute } from "./instances/clone.ts";
import { createInstanceRoute } from "./instances/create.ts";
import { deleteInstanceRoute } from "./instances/delete.ts";
import { listEventsRoute } from "./instances/events.ts";
import { execInstanceRoute } from "./instances/exec.ts";
import { pollExecRoute } from "./instances/exec-poll.ts";
import { getInstanceRoute } from "./instances/get.ts";
import { holdInstanceRoute } from "./instances/hold.ts";
import { createLinkRoute } from "./instances/links.ts";
import { listInstancesRoute } from "./instances/list.ts";
import { readLogsRoute } from "./instances/logs.ts";
import { listPeriodsRoute } from "./instances/periods.ts";
import { rotateUrlRoute } from "./instances/rotate-url.ts";
import { openTerminalRoute } from "./instances/terminal.ts";
import { createTicketRoute } from "./instances/terminal-ticket.ts";
import { getInstanceTrafficRoute } from "./instances/traffic.ts";
import { updateInstanceRoute } from "./instances/update.ts";
import { getInstanceUsageRoute } from "./instances/usage.ts";
import { watchInstanceRoute } from "./instances/watch.ts";
import { healthRoute } from "./meta/health.ts";
import { jwksRoute } from "./meta/jwks.ts";
import { mountDescription } from "./meta/openapi.ts";
import { authenticate } from "./middleware/authenticate.ts";
import { bodyLimit } from "./middleware/body-limit.ts";
import { onError, onNotFound } from "./middleware/errors.ts";
import { idempotency } from "./middleware/idempotency.ts";
import { requestId } from "./middleware/request-id.ts";
import { type ApiEnv, newRouter } from "./route.ts";
import { createTokenRoute } from "./tokens/create.ts";
import { listTokensRoute } from "./tokens/list.ts";
import { revokeTokenRoute } from "./tokens/revoke.ts";
import { acceptTransferRoute } from "./transfers/accept.ts";
import { cancelTransferRoute, declineTransferRoute } from "./transfers/decide.ts";
import { listTransfersRoute } from "./transfers/list.ts";
import { offerTransferRoute } from "./transfers/offer.ts";
import { getUsageRoute } from "./usage/get.ts";
import { listUsagePeriodsRoute } from "./usage/periods.ts";
import { ensureBodyRoute } from "./workspaces/body.ts";
import { runInWorkspaceRoute } from "./workspaces/run.ts";

/** Anybody may call these; terminals and hosts authenticate themselves in ways of their own. */
const open = [listAgentsRoute, healthRoute, openTerminalRoute, enrolHostRoute, openHostChannelRoute];

const instances = [
  createInstanceRoute,
  listInstancesRoute,
  getInstanceRoute,
  updateInstanceRoute,
  deleteInstanceRoute,
  actOnInstanceRoute,
  execInstanceRoute,
  pollExecRoute,
  readLogsRoute,
  watchInstanceRoute,
  listPeriodsRoute,
  createTicketRoute,
  listEventsRoute,
  rotateUrlRoute,
  createLinkRoute,
  cloneInstanceRoute,
  holdInstanceRoute,
];
const bodies = [ensureBodyRoute, runInWorkspaceRoute, readFleetRoute];
const usage = [getUsageRoute, listUsagePeriodsRoute, getInstanceUsageRoute, getInstanceTrafficRoute];
const account = [getAccountRoute, listTokensRoute, createTokenRoute, revokeTokenRoute];
const audit = [listAuditRoute, listHeadsRoute];

const transfers = [
  offerTransferRoute,
  listTransfersRoute,
  acceptTransferRoute,
  declineTransferRoute,
  cancelTransferRoute,
];

/** What stands outside `/api` and is for programs all the same. */
const FOR_PROGRAMS = ["/api", "/host", "/.well-known", "/openapi.json"];

/** Whether a path is the API's; every other is a page. */
export function isApiPath(path: string): boolean {
  return FOR_PROGRAMS.some((first) => path === first || path.startsWith(`${first}/`));
}

/** The REST surface: everything under `/api`, and its description at `/openapi.json`. */
export function createApi(): OpenAPIHono<ApiEnv> {
  const app = newRouter();
  app.onError(onError);
  app.notFound(onNotFound);
  app.use(requestId);
  app.use("/api/host/*", bodyLimit);
  for (const route of open) {
    app.route("/api", route);
  }
  mountAdmin(app);
  app.use("/api/*", authenticate, bodyLimit, idempotency);
  for (const route of [...instances, ...bodies, ...usage, ...account, ...audit, ...transfers]) {
    app.route("/api", route);
  }
  app.route("/", jwksRoute);
  app.route("/", hostProgramRoute);
  mountDescription(app);
  return app;
}
