/** A local cloud for one test file, and ways to break it. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../src/localcloud/server.ts";
import { createFlyProvider, type FlyConfig } from "../../src/providers/fly/provider.ts";
import type { MachineRecipe, Target } from "../../src/providers/provider.ts";
import type { Fault, Subject } from "./drive.ts";

export const ORG = "acme";
const TOKEN = "local-token-1234567890";

export interface TestCloud extends Subject {
  cloud: LocalCloud;
  config: FlyConfig;
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  close(): Promise<void>;
}

/** Where a step writes; the first letter of a path would be struck by too much. */
const STRIKES: Record<Fault["at"], { method: string; path: string }> = {
  place: { method: "POST", path: "^/v1/apps$" },
  volume: { method: "POST", path: "^/v1/apps/[^/]+/volumes$" },
  machine: { method: "POST", path: "^/v1/apps/[^/]+/machines$" },
  start: { method: "POST", path: "/start$" },
  stop: { method: "POST", path: "/stop$" },
  unmachine: { method: "DELETE", path: "/machines/[^/]+$" },
  unvolume: { method: "DELETE", path: "/volumes/[^/]+$" },
  unplace: { method: "DELETE", path: "^/v1/apps/[^/]+$" },
  observe: { method: "GET", path: "^/v1/apps/[^/]+/machines/[^/]+$" },
};

export async function startTestCloud(options: Partial<LocalCloudOptions> = {}): Promise<TestCloud> {
  const stateDir = await mkdtemp(join(tmpdir(), "gentity-cloud-"));
  const cloud = await startLocalCloud({ stateDir, token: TOKEN, ...options });
  const config: FlyConfig = {
    apiUrl: cloud.url,
    logsUrl: cloud.url,
    appUrl: cloud.proxyUrl,
    token: TOKEN,
    orgSlug: ORG,
  };
  const api = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${cloud.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const items = async (path: string): Promise<Record<string, unknown>[]> => {
    const { body } = await api("GET", path);
    return Array.isArray(body) ? body : [];
  };
  return {
    cloud,
    config,
    api,
    provider: createFlyProvider(config),
    stranger: createFlyProvider({ ...config, token: "nobody-we-know" }),
    newTarget,
    recipe,
    servingRecipe,
    async order({ kind, at, count = 1 }) {
      const { method, path } = STRIKES[at];
      const pattern = path.startsWith("^") ? path : `^.*${path}`;
      await api("POST", "/_control/faults", { kind, match: { method, path: pattern, count }, ms: 300 });
    },
    async calm() {
      await api("DELETE", "/_control/faults");
    },
    async count(target) {
      const path = `/v1/apps/gentity-${target.instanceId}`;
      const app = await api("GET", path);
      const volumes = await items(`${path}/volumes`);
      const machines = await items(`${path}/machines`);
      return {
        places: app.status === 200 ? 1 : 0,
        volumes: volumes.filter(({ state }) => state === "created").length,
        machines: machines.filter(({ state }) => state !== "destroyed").length,
      };
    },
    async loseVolume(target) {
      const match = { method: "GET", path: `/v1/apps/${target.refs.place}/volumes/${target.refs.volume}` };
      const body = { error: "not_found: volume not found" };
      await api("POST", "/_control/faults", { kind: "error_before", status: 404, match, body });
    },
    async squat(target) {
      await api("POST", "/v1/apps", { name: `gentity-${target.instanceId}`, org_slug: "somebody" });
      return { make: "place", remove: "unplace" };
    },
    traits: {
      suspends: true,
      unsuspendable: {
        target: { spec: { cpuKind: "shared", cpus: 2, memoryMb: 4096, volumeGb: 1 } },
        because: "4096 MB",
      },
      unsizable: { cpuKind: "shared", cpus: 3, memoryMb: 100, volumeGb: 1 },
    },
    async close() {
      await cloud.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

function newTarget(more: Partial<Target> = {}): Target {
  return {
    instanceId: `cmp${randomBytes(8).toString("hex")}`,
    accountId: "acc1",
    region: "iad",
    spec: { cpuKind: "shared", cpus: 1, memoryMb: 512, volumeGb: 1 },
    exposure: "public",
    refs: {},
    ...more,
  };
}

/** Anything a shell can do; nothing serves. */
export function recipe(more: Partial<MachineRecipe> = {}): MachineRecipe {
  return {
    image: "debian:12",
    entrypoint: ["/bin/sh", "-c"],
    command: ["exec sleep infinity"],
    dataPath: "/data",
    env: {},
    files: [],
    ...more,
  };
}

function servingRecipe(): MachineRecipe {
  return { image: "gentity/probe:1", dataPath: "/data", port: 8080, healthPath: "/", env: {}, files: [] };
}
