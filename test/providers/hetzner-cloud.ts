/** Hetzner and Cloudflare on this computer, a control plane for their servers, and ways to break them. */
import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeTree } from "../../src/localcloud/runtime/remove-tree.ts";
import { type LocalCloud, startLocalCloud } from "../../src/localcloud/server.ts";
import { deriveOriginLabel, deriveTunnelSecret, tunnelToken } from "../../src/providers/hetzner/derive.ts";
import { createHetznerProvider, type HetznerConfig } from "../../src/providers/hetzner/provider.ts";
import type { Provider, Step, StepOptions, Target } from "../../src/providers/provider.ts";
import { recipe } from "./cloud.ts";
import type { Fault, Subject } from "./drive.ts";
import { TestControlPlane } from "./hetzner-control-plane.ts";

const TOKEN = "local-token-1234567890";
const HOST_SECRET = "host-secret-of-the-tests";
export const BASE_DOMAIN = "gentity.test";
const ACCOUNT = "a".repeat(32);
const ZONE = "b".repeat(32);

type Vendor = "hetzner" | "cloudflare";

export interface HetznerTestCloud extends Subject {
  cloud: LocalCloud;
  plane: TestControlPlane;
  config: HetznerConfig;
  /** Another provider for the same clouds, told what every host is to do as `provider` is. */
  provide(more: Partial<HetznerConfig>): Provider;
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  cloudflare(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  fault(vendor: Vendor, rule: object): Promise<void>;
  close(): Promise<void>;
}

/** Where a step writes. */
const STRIKES: Record<Fault["at"], { vendor: Vendor; method: string; path: string }> = {
  place: { vendor: "cloudflare", method: "POST", path: "/cfd_tunnel$" },
  volume: { vendor: "hetzner", method: "POST", path: "/volumes$" },
  machine: { vendor: "hetzner", method: "POST", path: "/servers$" },
  start: { vendor: "hetzner", method: "POST", path: "/actions/poweron$" },
  stop: { vendor: "hetzner", method: "POST", path: "/actions/shutdown$" },
  unmachine: { vendor: "hetzner", method: "DELETE", path: "/servers/[0-9]+$" },
  unvolume: { vendor: "hetzner", method: "DELETE", path: "/volumes/[0-9]+$" },
  unplace: { vendor: "hetzner", method: "DELETE", path: "/firewalls/[0-9]+$" },
  observe: { vendor: "hetzner", method: "GET", path: "/servers/[0-9]+$" },
};

export async function startHetznerTestCloud(): Promise<HetznerTestCloud> {
  const stateDir = await mkdtemp(join(tmpdir(), "gentity-hetzner-"));
  const [cloud, plane] = await Promise.all([
    startLocalCloud({ stateDir, token: TOKEN, zone: BASE_DOMAIN }),
    TestControlPlane.start(HOST_SECRET),
  ]);
  const config: HetznerConfig = {
    apiUrl: cloud.hetznerUrl,
    token: TOKEN,
    controlUrl: plane.url,
    hostSecret: HOST_SECRET,
    baseDomain: BASE_DOMAIN,
    originUrl: `${cloud.tunnelUrl}/{host}`,
    cloudflare: { apiUrl: cloud.cloudflareUrl, token: TOKEN, accountId: ACCOUNT, zoneId: ZONE },
    host: plane.link,
    hostProgramSha256: plane.hostProgramSha256,
  };
  const call = (base: string) => async (method: string, path: string, body?: unknown) => {
    const url = path.startsWith("/_control") ? new URL(base).origin : base;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  const clouds = { hetzner: call(cloud.hetznerUrl), cloudflare: call(cloud.cloudflareUrl) };
  const fault = async (vendor: Vendor, rule: object): Promise<void> => {
    const { status, body } = await clouds[vendor]("POST", "/_control/faults", rule);
    if (status >= 300) throw new Error(JSON.stringify(body));
  };
  const count = async (kind: "volumes" | "servers" | "firewalls", target: Target): Promise<number> => {
    const { body } = await clouds.hetzner(
      "GET",
      `/${kind}?label_selector=gentity_instance=${target.instanceId}`,
    );
    return body[kind].length;
  };
  const provide = (more: Partial<HetznerConfig>) =>
    telling(plane, createHetznerProvider({ ...config, ...more }));
  return {
    cloud,
    plane,
    config,
    api: clouds.hetzner,
    cloudflare: clouds.cloudflare,
    fault,
    provide,
    provider: provide({}),
    stranger: createHetznerProvider({
      ...config,
      token: "nobody-we-know",
      cloudflare: { ...config.cloudflare, token: "nobody-we-know" },
    }),
    newTarget,
    recipe,
    servingRecipe: () => ({
      image: "gentity/probe:1",
      dataPath: "/data",
      port: 8080,
      healthPath: "/",
      env: {},
      files: [],
    }),
    async order({ kind, at, count: times = 1 }) {
      const { vendor, method, path } = STRIKES[at];
      await fault(vendor, { kind, match: { method, path: `^.*${path}`, count: times }, ms: 300 });
    },
    async calm() {
      await Promise.all(Object.values(clouds).map((each) => each("DELETE", "/_control/faults")));
    },
    async count(target) {
      const name = `gentity-${target.instanceId}`;
      const tunnels = await clouds.cloudflare(
        "GET",
        `/accounts/${ACCOUNT}/cfd_tunnel?name=${name}&is_deleted=false`,
      );
      const host = `${await deriveOriginLabel(HOST_SECRET, target.instanceId)}.${BASE_DOMAIN}`;
      const records = await clouds.cloudflare("GET", `/zones/${ZONE}/dns_records?name.exact=${host}`);
      const firewalls = await count("firewalls", target);
      return {
        // What makes the place: the tunnel, its name, and the wall around the server.
        places: Math.max(tunnels.body.result.length, records.body.result.length, firewalls),
        volumes: await count("volumes", target),
        machines: await count("servers", target),
      };
    },
    async loseVolume(target) {
      const match = { method: "GET", path: `^.*/volumes/${target.refs.volume}$` };
      const body = { error: { code: "not_found", message: "volume not found", details: null } };
      await fault("hetzner", { kind: "error_before", status: 404, match, body });
    },
    async squat(target) {
      await clouds.hetzner("POST", "/firewalls", { name: `gentity-${target.instanceId}`, rules: [] });
      return { make: "address", remove: "unplace" };
    },
    traits: {
      suspends: false,
      unsuspendable: { target: {}, because: "does not suspend" },
      unsizable: { cpuKind: "shared", cpus: 64, memoryMb: 1024, volumeGb: 1 },
    },
    async close() {
      await plane.close();
      await cloud.close();
      await removeTree(stateDir);
    },
  };
}

/** What provisioning and the objects do around a provider: a host learns what it is to do from the control plane. */
function telling(plane: TestControlPlane, provider: Provider): Provider {
  const tell = async (step: Step, target: Target, { recipe: given }: StepOptions): Promise<void> => {
    const { instanceId, refs } = target;
    const change = given === undefined ? {} : { recipe: given };
    if (step === "machine" || step === "start") {
      const secret = await deriveTunnelSecret(HOST_SECRET, instanceId);
      const token = refs.tunnel === undefined ? null : tunnelToken(ACCOUNT, secret, refs.tunnel);
      plane.brief(instanceId, { ...change, desired: "running", tunnelToken: token });
    } else if (step === "stop" || step === "configure") {
      plane.brief(instanceId, { ...change, desired: "stopped" });
    }
  };
  return {
    ...provider,
    async run(step, target, options) {
      await tell(step, target, options);
      return provider.run(step, target, options);
    },
  };
}

function newTarget(more: Partial<Target> = {}): Target {
  return {
    instanceId: `cmp${randomBytes(8).toString("hex")}`,
    accountId: "acc_1",
    region: "nbg1",
    spec: { cpuKind: "shared", cpus: 1, memoryMb: 512, volumeGb: 1 },
    exposure: "public",
    refs: {},
    ...more,
  };
}
