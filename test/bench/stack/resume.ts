import { setTimeout as sleep } from "node:timers/promises";
import { interleave } from "../interleave.ts";
import { median, quantile, ratioOf } from "../numbers.ts";
import { formatRatio, progress, type Section } from "../report.ts";
import { appOf, type Created, createInstance, deleteInstance, waitForAgent } from "./create.ts";
import type { Stack } from "./stack.ts";

const LOOK_EVERY_MS = 10;

interface Site {
  id: string;
  subdomain: string;
  machineId: string;
  /** Of its machine at the vendor. */
  path: string;
}

/** A request to the URL of a suspended instance, against resuming such a machine by hand and asking it then. */
export async function benchResume(stack: Stack, rounds: number): Promise<Section> {
  const [ours, direct] = [await makeSite(stack), await makeSite(stack)];
  const sides = {
    direct: async () => {
      await stack.vendor("POST", `${direct.path}/suspend`);
      await reach(stack, direct, "suspended");
      return timed(async () => {
        await stack.vendor("POST", `${direct.path}/start`);
        await reach(stack, direct, "started");
        await waitForAgent(stack.proxyUrl, direct.machineId);
      });
    },
    ours: async () => {
      await stack.api("POST", `/api/instances/${ours.id}/action`, { action: "suspend" });
      return timed(() => stack.visit(ours.subdomain));
    },
  };
  await interleave(1, sides);
  const samples = await interleave(rounds, sides, (round) => progress(`resume: round ${round} of ${rounds}`));
  for (const site of [ours, direct]) {
    await deleteInstance(stack, site as unknown as Created);
  }
  const added = samples.ours.map((ms, round) => ms - (samples.direct[round] ?? ms));
  const row = (name: string, times: number[]) => [
    name,
    median(times).toFixed(0),
    quantile(times, 0.95).toFixed(0),
    formatRatio(ratioOf(times, samples.direct)),
  ];
  return {
    title: `a request to a suspended instance, ${rounds} rounds`,
    rows: [
      ["", "p50 ms", "p95 ms", "ratio"],
      row("vendor: start, wait, request", samples.direct),
      row("ours: one request to the URL", samples.ours),
    ],
    notes: [`the edge adds ${median(added).toFixed(0)} ms over the vendor's own, in the median`],
    samples,
  };
}

async function makeSite(stack: Stack): Promise<Site> {
  const { id } = await createInstance(stack);
  const { instance } = await stack.api<{ instance: { subdomain: string } }>("GET", `/api/instances/${id}`);
  const [machine] = await stack.vendor<{ id: string }[]>("GET", `/v1/apps/${appOf(id)}/machines`);
  if (!machine) throw new Error(`the instance ${id} has no machine at the vendor`);
  const path = `/v1/apps/${appOf(id)}/machines/${machine.id}`;
  return { id, subdomain: instance.subdomain, machineId: machine.id, path };
}

async function reach(stack: Stack, { path }: Site, wanted: string): Promise<void> {
  for (;;) {
    const { state } = await stack.vendor<{ state: string }>("GET", path);
    if (state === wanted) return;
    await sleep(LOOK_EVERY_MS);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
