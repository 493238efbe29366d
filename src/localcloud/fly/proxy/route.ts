/** Which machine a request at the vendor's edge is for. */
import type { IncomingMessage } from "node:http";
import type { MachineActor } from "../engine/actor.ts";
import type { FlyCloud } from "../engine/cloud.ts";

export type Target =
  | { type: "machine"; actor: MachineActor; port: number; autostart: boolean }
  | { type: "refused"; status: 404 | 502 | 503; reason: string };

const refused = (status: 404 | 502 | 503, reason: string): Target => ({ type: "refused", status, reason });

export function appOfHost(host: string | undefined): string | undefined {
  return host?.toLowerCase().match(/^([a-z0-9-]+)\.(?:fly\.dev|localhost)(?::\d+)?$/)?.[1];
}

/** A started machine first: the others would have to be woken. */
function preference({ record }: MachineActor): number {
  return record.state === "started" ? 0 : 1;
}

function isServing({ record }: MachineActor): boolean {
  return record.state !== "destroyed" && (record.config.services ?? []).length > 0;
}

export function routeRequest(cloud: FlyCloud, { headers }: Pick<IncomingMessage, "headers">): Target {
  const forced = headers["fly-force-instance-id"];
  const named = appOfHost(headers.host);
  const wanted = typeof forced === "string" ? cloud.findMachine(forced) : undefined;
  const appName = wanted?.record.app ?? named;
  const app = appName === undefined ? undefined : cloud.context.state.apps.get(appName);
  // Without an address there is nothing to connect to; the vendor's name would not even resolve.
  if (!app || app.ips.every(({ type }) => type === "private_v6"))
    return refused(404, "no such app, or it has no public address");
  if (forced !== undefined && (!wanted || (named !== undefined && named !== app.name))) {
    return refused(404, "no such machine in this app");
  }
  const candidates = (wanted ? [wanted] : cloud.machinesOf(app.name)).filter(isServing);
  if (candidates.length === 0) return refused(404, "no machine of this app has a service");
  const [actor] = candidates
    .filter(({ record }) => !record.cordoned)
    .sort((a, b) => preference(a) - preference(b));
  const service = actor?.record.config.services?.[0];
  if (!actor || !service) return refused(503, "the machine takes no traffic: it is cordoned");
  return { type: "machine", actor, port: service.internal_port, autostart: service.autostart === true };
}
