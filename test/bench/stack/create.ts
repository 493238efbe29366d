import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { interleave } from "../interleave.ts";
import { median, ratioOf } from "../numbers.ts";
import { formatRatio, progress, type Section } from "../report.ts";
import { vendorCalls } from "./calls.ts";
import type { Stack } from "./stack.ts";

/** Its agent is the local cloud's built-in page: what is measured is ours and not the agent's. */
const INPUT = {
  agentType: "aider",
  modelProvider: "anthropic",
  modelName: "claude-sonnet-4-6",
  apiKey: "sk-bench",
};
const HEALTH_PATH = "/_stcore/health";
const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 60_000;

export interface Created {
  id: string;
  status: string;
}

interface Machine {
  id: string;
  instance_id: string;
  region: string;
  config: { mounts: { volume: string; path: string }[]; metadata: Record<string, string> };
}

interface Volume {
  id: string;
  region: string;
  size_gb: number;
}

/** What our API asks the vendor for, read back from an instance it made. */
interface Template {
  machine: Machine;
  volume: Volume;
}

export function appOf(instanceId: string): string {
  return `gentity-${instanceId}`;
}

export async function createInstance({ api }: Stack): Promise<Created> {
  const created = await api<Created>("POST", "/api/instances?wait=60", INPUT);
  if (created.status !== "running") {
    throw new Error(`an instance became ${JSON.stringify(created)}`);
  }
  return created;
}

export function deleteInstance({ api }: Stack, { id }: Created): Promise<unknown> {
  return api("DELETE", `/api/instances/${id}`);
}

export async function findMachine({ vendor }: Stack, app: string): Promise<Machine> {
  const [machine] = await vendor<Machine[]>("GET", `/v1/apps/${app}/machines`);
  if (!machine) {
    throw new Error(`there is no machine in ${app}`);
  }
  return machine;
}

/** `model` is a running instance, which the direct creates are copies of. */
export async function benchCreate(stack: Stack, model: Created, rounds: number): Promise<Section> {
  const app = appOf(model.id);
  const [volume] = await stack.vendor<Volume[]>("GET", `/v1/apps/${app}/volumes`);
  if (!volume) {
    throw new Error(`there is no volume in ${app}`);
  }
  const template = { machine: await findMachine(stack, app), volume };
  const direct = () => createDirectly(stack, template);
  const samples = await interleave(
    rounds,
    { direct, ours: () => createThroughApi(stack), directAgain: direct },
    (round) => progress(`create: round ${round} of ${rounds}`),
  );
  const calls = await vendorCalls(stack, async () => {
    await deleteInstance(stack, await createInstance(stack));
  });
  const ms = (times: number[]) => median(times).toFixed(0);
  return {
    title: `create-to-running against the same vendor calls made directly, ${rounds} rounds`,
    rows: [
      ["", "direct ms", "ours ms", "ours/direct", "direct/direct"],
      [
        "create to running",
        ms(samples.direct),
        ms(samples.ours),
        formatRatio(ratioOf(samples.ours, samples.direct)),
        formatRatio(ratioOf(samples.directAgain, samples.direct)),
      ],
    ],
    notes: [
      "ours: POST /api/instances?wait=60, aider on the local cloud's built-in page",
      "direct: app, two addresses, volume, machine, wait for started, the agent's first answer through the proxy",
      `one create and delete of ours makes ${calls.length} vendor calls`,
    ],
    samples,
  };
}

async function createThroughApi(stack: Stack): Promise<number> {
  const startedAt = performance.now();
  const created = await createInstance(stack);
  const ms = performance.now() - startedAt;
  await deleteInstance(stack, created);
  return ms;
}

async function createDirectly(stack: Stack, { machine, volume }: Template): Promise<number> {
  const { vendor, proxyUrl } = stack;
  const app = `bench-${randomBytes(6).toString("hex")}`;
  const path = `/v1/apps/${app}`;
  const startedAt = performance.now();
  await vendor("POST", "/v1/apps", { name: app, org_slug: "personal", network: app });
  await vendor("POST", `${path}/ip_assignments`, { type: "shared_v4" });
  await vendor("POST", `${path}/ip_assignments`, { type: "v6" });
  const { region, size_gb } = volume;
  const disk = await vendor<Volume>("POST", `${path}/volumes`, { name: "data", region, size_gb });
  const mounts = machine.config.mounts.map((mount) => ({ path: mount.path, volume: disk.id }));
  const { id, instance_id } = await vendor<Machine>("POST", `${path}/machines`, {
    name: app,
    region,
    config: { ...machine.config, mounts, metadata: {} },
  });
  await vendor("GET", `${path}/machines/${id}/wait?state=started&timeout=60&instance_id=${instance_id}`);
  await waitForAgent(proxyUrl, id);
  const ms = performance.now() - startedAt;
  await vendor("DELETE", `${path}/machines/${id}?force=true`);
  await vendor("GET", `${path}/machines/${id}/wait?state=destroyed&timeout=60&instance_id=${instance_id}`);
  await vendor("DELETE", `${path}/volumes/${disk.id}`);
  await vendor("DELETE", path);
  return ms;
}

export async function waitForAgent(proxyUrl: string, machineId: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${proxyUrl}${HEALTH_PATH}`, {
      headers: { "fly-force-instance-id": machineId },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await response.arrayBuffer();
    if (response.status < 500) {
      return;
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`the agent of ${machineId} did not answer within ${PATIENCE_MS / 1_000} s`);
}
