/** The calls of the Machines API we make, one line each: paths and query names are nowhere else. */
import { secretsOfExec } from "../exec-secrets.ts";
import type { Answer, FlyClient } from "./client.ts";
import type { FlyOrgMachine, FlyOrgVolume } from "./schema.ts";
import * as schema from "./schema.ts";
import type { AppBody, MachineBody, UpdateBody, VolumeBody } from "./spec.ts";

/** The vendor takes 1 to 60. */
export const MAX_WAIT_SECONDS = 60;
/** What the network may add to a wait that the vendor itself ends. */
const WAIT_MARGIN_MS = 10_000;

export interface WaitRequest {
  state: "started" | "stopped" | "suspended";
  seconds: number;
  /** The version waited on; Fly demands it for `stopped`. */
  version?: string;
}

export type FlyApi = ReturnType<typeof createApi>;

export function createApi(client: FlyClient, orgSlug: string) {
  return { ...appCalls(client, orgSlug), ...machineCalls(client), ...orgCalls(client, orgSlug) };
}

function appCalls(client: FlyClient, orgSlug: string) {
  const appPath = (app: string) => `/v1/apps/${app}`;
  const volumePath = (app: string, id: string) => `${appPath(app)}/volumes/${encodeURIComponent(id)}`;
  const addressesPath = (app: string) => `${appPath(app)}/ip_assignments`;
  return {
    getApp: (app: string) => client.call({ method: "GET", path: appPath(app), schema: schema.appSchema }),
    listApps: () => {
      const query = { org_slug: orgSlug };
      return client.call({ method: "GET", path: "/v1/apps", query, schema: schema.appListSchema });
    },
    createApp: (body: AppBody) =>
      client.call({ method: "POST", path: "/v1/apps", body, schema: schema.ignoredSchema }),
    deleteApp: (app: string) => {
      const query = { force: "true" };
      return client.call({ method: "DELETE", path: appPath(app), query, schema: schema.ignoredSchema });
    },
    listAddresses: (app: string) =>
      client.call({ method: "GET", path: addressesPath(app), schema: schema.addressListSchema }),
    assignAddress: (app: string, type: "shared_v4" | "v6") =>
      client.call({ method: "POST", path: addressesPath(app), body: { type }, schema: schema.ignoredSchema }),
    listVolumes: (app: string) =>
      client.call({ method: "GET", path: `${appPath(app)}/volumes`, schema: schema.volumeListSchema }),
    getVolume: (app: string, id: string) =>
      client.call({ method: "GET", path: volumePath(app, id), schema: schema.volumeSchema }),
    createVolume: (app: string, body: VolumeBody) =>
      client.call({ method: "POST", path: `${appPath(app)}/volumes`, body, schema: schema.volumeSchema }),
    deleteVolume: (app: string, id: string) =>
      client.call({ method: "DELETE", path: volumePath(app, id), schema: schema.ignoredSchema }),
  };
}

function machineCalls(client: FlyClient) {
  const listPath = (app: string) => `/v1/apps/${app}/machines`;
  const machinePath = (app: string, id: string) => `${listPath(app)}/${encodeURIComponent(id)}`;
  return {
    listMachines: (app: string) =>
      client.call({ method: "GET", path: listPath(app), schema: schema.machineListSchema }),
    getMachine: (app: string, id: string) =>
      client.call({ method: "GET", path: machinePath(app, id), schema: schema.machineSchema }),
    createMachine: (app: string, body: MachineBody, secrets: readonly string[]) =>
      client.call({ method: "POST", path: listPath(app), body, schema: schema.machineSchema, secrets }),
    updateMachine: (app: string, id: string, body: UpdateBody, secrets: readonly string[]) =>
      client.call({
        method: "POST",
        path: machinePath(app, id),
        body,
        schema: schema.machineSchema,
        secrets,
      }),
    deleteMachine: (app: string, id: string) => {
      const query = { force: "true" };
      return client.call({
        method: "DELETE",
        path: machinePath(app, id),
        query,
        schema: schema.ignoredSchema,
      });
    },
    startMachine: (app: string, id: string) =>
      client.call({ method: "POST", path: `${machinePath(app, id)}/start`, schema: schema.ignoredSchema }),
    stopMachine: (app: string, id: string, body: { signal: string; timeout: string }) =>
      client.call({
        method: "POST",
        path: `${machinePath(app, id)}/stop`,
        body,
        schema: schema.ignoredSchema,
      }),
    suspendMachine: (app: string, id: string) => {
      const path = `${machinePath(app, id)}/suspend`;
      return client.call({ method: "POST", path, schema: schema.ignoredSchema, operation: "suspend" });
    },
    wait: (app: string, id: string, { state, seconds, version }: WaitRequest) =>
      client.call({
        method: "GET",
        path: `${machinePath(app, id)}/wait`,
        query: {
          state,
          timeout: String(seconds),
          ...(version === undefined ? {} : { instance_id: version }),
        },
        schema: schema.ignoredSchema,
        timeoutMs: seconds * 1000 + WAIT_MARGIN_MS,
      }),
    exec: (app: string, id: string, body: { command: string[]; timeout: number; stdin?: string }) =>
      client.call({
        method: "POST",
        path: `${machinePath(app, id)}/exec`,
        body,
        schema: schema.execSchema,
        operation: "exec",
        timeoutMs: body.timeout * 1000 + WAIT_MARGIN_MS,
        secrets: secretsOfExec(body),
      }),
  };
}

function orgCalls(client: FlyClient, orgSlug: string) {
  const path = (what: string) => `/v1/orgs/${orgSlug}/${what}`;
  return {
    async orgMachines(): Promise<Answer<FlyOrgMachine[]>> {
      const pages = await everyPage((query) =>
        client.call({ method: "GET", path: path("machines"), query, schema: schema.orgMachinesSchema }),
      );
      return pages.ok ? { ok: true, value: pages.value.flatMap((page) => page.machines) } : pages;
    },
    async orgVolumes(): Promise<Answer<FlyOrgVolume[]>> {
      const pages = await everyPage((query) =>
        client.call({ method: "GET", path: path("volumes"), query, schema: schema.orgVolumesSchema }),
      );
      return pages.ok ? { ok: true, value: pages.value.flatMap((page) => page.volumes) } : pages;
    },
  };
}

interface Page {
  next_cursor?: string | null | undefined;
  error_regions?: string[] | null | undefined;
}

/** A list that lacks a page or a region proves no absence, so it is not a list at all. */
async function everyPage<P extends Page>(
  read: (query: Record<string, string>) => Promise<Answer<P>>,
): Promise<Answer<P[]>> {
  const pages: P[] = [];
  const seen = new Set<string>();
  let query: Record<string, string> = {};
  for (;;) {
    const answer = await read(query);
    if (!answer.ok) return answer;
    const missing = answer.value.error_regions ?? [];
    if (missing.length > 0) {
      const cause = `Fly's list is incomplete: no answer from ${missing.join(", ")}`;
      return { ok: false, failure: { kind: "other", outcome: { type: "retry", afterMs: 5_000, cause } } };
    }
    pages.push(answer.value);
    const cursor = answer.value.next_cursor;
    // Pages may be short or even empty before the last one; only a missing or repeated cursor ends the list.
    if (!cursor || seen.has(cursor)) return { ok: true, value: pages };
    seen.add(cursor);
    query = { cursor };
  }
}
