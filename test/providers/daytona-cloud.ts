/** The local cloud's Daytona for one test file, and ways to break it. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../../src/localcloud/server.ts";
import { createDaytonaProvider, type DaytonaConfig } from "../../src/providers/daytona/provider.ts";
import type { Target } from "../../src/providers/provider.ts";
import { recipe } from "./cloud.ts";
import type { Fault, Subject } from "./drive.ts";

const TOKEN = "dtn_local1234567890";

export interface TestDaytona extends Subject {
  cloud: LocalCloud;
  config: DaytonaConfig;
  /** Of the platform API, or of the control endpoints under `/_control`. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  close(): Promise<void>;
}

/** Where a step writes. */
const STRIKES: Partial<Record<Fault["at"], { method: string; path: string }>> = {
  machine: { method: "POST", path: "^/api/sandbox$" },
  start: { method: "POST", path: "^.*/start$" },
  stop: { method: "POST", path: "^.*/stop$" },
  unmachine: { method: "DELETE", path: "^/api/sandbox/[^/]+$" },
  observe: { method: "GET", path: "^/api/sandbox/[^/]+$" },
};

export async function startTestDaytona(options: Partial<LocalCloudOptions> = {}): Promise<TestDaytona> {
  const stateDir = await mkdtemp(join(tmpdir(), "gentity-daytona-"));
  const cloud = await startLocalCloud({ stateDir, token: TOKEN, ...options });
  const config = { apiUrl: cloud.daytonaUrl, toolboxUrl: cloud.daytonaToolboxUrl, apiKey: TOKEN };
  const api = async (method: string, path: string, body?: unknown) => {
    const base = path.startsWith("/_control") ? new URL(cloud.daytonaUrl).origin : cloud.daytonaUrl;
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  return {
    cloud,
    config,
    api,
    provider: createDaytonaProvider(config),
    stranger: createDaytonaProvider({ ...config, apiKey: "nobody-we-know" }),
    newTarget,
    recipe,
    servingRecipe: () => recipe(),
    async order({ kind, at, count = 1 }: Fault) {
      const match = STRIKES[at];
      if (match === undefined) throw new Error(`nothing is written at ${at}`);
      await api("POST", "/_control/faults", { kind, match: { ...match, count }, ms: 300 });
    },
    async calm() {
      await api("DELETE", "/_control/faults");
    },
    async count(target) {
      const { body } = await api("GET", `/sandbox?name=gentity-${target.instanceId}`);
      return { places: 0, volumes: 0, machines: (body as { items: unknown[] }).items.length };
    },
    async loseVolume() {
      throw new Error("a sandbox has no volume");
    },
    async squat(target) {
      await api("POST", "/sandbox", { name: `gentity-${target.instanceId}` });
      return { make: "machine", remove: "unmachine" };
    },
    traits: {
      writes: ["machine", "start", "stop", "unmachine"],
      serves: false,
      // Containers, which is what is built from an image, are not.
      suspends: false,
      unsuspendable: { target: {}, because: "container" },
      unsizable: { cpuKind: "shared", cpus: 64, memoryMb: 1024, volumeGb: 1 },
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
    region: "us",
    spec: { cpuKind: "shared", cpus: 1, memoryMb: 512, volumeGb: 1 },
    exposure: "private",
    refs: {},
    ...more,
  };
}
