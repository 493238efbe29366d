import { setTimeout as sleep } from "node:timers/promises";
import { interleave } from "../interleave.ts";
import { median, quantile, ratioOf } from "../numbers.ts";
import { formatRatio, progress, type Section } from "../report.ts";
import { vendorCalls } from "./calls.ts";
import type { Stack } from "./stack.ts";

const COMMAND = ["true"];
const LOOK_EVERY_MS = 10;

interface Body {
  id: string;
  /** Of its machine at the vendor. */
  path: string;
}

/** A command on a suspended body, against resuming a machine of the same kind by hand and running it there. */
export async function benchWake(stack: Stack, rounds: number): Promise<Section> {
  const [ours, direct] = [await makeBody(stack, "bench-ours"), await makeBody(stack, "bench-direct")];
  const run = () => stack.api("POST", "/api/workspaces/bench-ours/run", { command: COMMAND });
  const sides = {
    direct: async () => {
      await stack.vendor("POST", `${direct.path}/suspend`);
      await reach(stack, direct, "suspended");
      return timed(async () => {
        await stack.vendor("POST", `${direct.path}/start`);
        await reach(stack, direct, "started");
        await stack.vendor("POST", `${direct.path}/exec`, { command: COMMAND });
      });
    },
    ours: async () => {
      await stack.api("POST", `/api/instances/${ours.id}/action`, { action: "suspend" });
      return timed(run);
    },
  };
  await interleave(1, sides);
  const samples = await interleave(rounds, sides, (round) => progress(`wake: round ${round} of ${rounds}`));
  await stack.api("POST", `/api/instances/${ours.id}/action`, { action: "suspend" });
  const calls = await vendorCalls(stack, async () => {
    await run();
  });
  for (const { id } of [ours, direct]) {
    await stack.api("DELETE", `/api/instances/${id}`);
  }
  const row = (name: string, times: number[]) => [
    name,
    median(times).toFixed(0),
    quantile(times, 0.95).toFixed(0),
    formatRatio(ratioOf(times, samples.direct)),
  ];
  return {
    title: `a command on a suspended body, ${rounds} rounds`,
    rows: [
      ["", "p50 ms", "p95 ms", "ratio"],
      row("vendor: start, wait, exec", samples.direct),
      row("ours: one run", samples.ours),
    ],
    notes: [`one such run makes ${calls.length} vendor calls`],
    samples,
  };
}

async function makeBody(stack: Stack, workspace: string): Promise<Body> {
  await stack.api("POST", `/api/workspaces/${workspace}/run`, { command: COMMAND });
  const { instance } = await stack.api<{ instance: { id: string } }>(
    "PUT",
    `/api/workspaces/${workspace}/body`,
    {},
  );
  const { machines } = await stack.vendor<{ machines: { id: string; app_name: string; name: string }[] }>(
    "GET",
    "/v1/orgs/personal/machines",
  );
  const machine = machines.find(({ name }) => name.includes(instance.id));
  if (!machine) throw new Error(`the body ${instance.id} has no machine at the vendor`);
  return { id: instance.id, path: `/v1/apps/${machine.app_name}/machines/${machine.id}` };
}

async function reach(stack: Stack, { path }: Body, wanted: string): Promise<void> {
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
