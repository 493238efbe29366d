import { randomUUID } from "node:crypto";
import { startRequest } from "../../../src/provisioning/exec/script.ts";
import { interleave } from "../interleave.ts";
import { quantile, ratioOf } from "../numbers.ts";
import { formatRatio, progress, type Section } from "../report.ts";
import { vendorCalls } from "./calls.ts";
import { appOf, type Created, findMachine } from "./create.ts";
import type { Stack } from "./stack.ts";

const COMMAND = ["true"];
/** Neighbouring executions are put together: one alone is too noisy for a ratio. */
const BLOCK = 10;
const COUNTED = 10;

/** Executions of nothing on one running instance: what is left is what it costs to ask. */
export async function benchExec(stack: Stack, instance: Created, executions: number): Promise<Section> {
  const app = appOf(instance.id);
  const path = `/v1/apps/${app}/machines/${(await findMachine(stack, app)).id}/exec`;
  const direct = timed(() => stack.vendor("POST", path, { command: COMMAND }));
  const ours = () => stack.api("POST", `/api/instances/${instance.id}/exec`, { command: COMMAND });
  const sides = {
    direct,
    ours: timed(ours),
    wrapped: timed(() => stack.vendor("POST", path, wrappedBody())),
    directAgain: direct,
  };
  await interleave(2, sides);
  const samples = await interleave(executions, sides, (done) => {
    if (done % BLOCK === 0) {
      progress(`exec: ${done} of ${executions}`);
    }
  });
  const calls = await vendorCalls(stack, async () => {
    for (let done = 0; done < COUNTED; done++) {
      await ours();
    }
  });
  const row = (name: string, times: number[]) => [
    name,
    quantile(times, 0.5).toFixed(1),
    quantile(times, 0.95).toFixed(1),
    formatRatio(ratioOf(blocks(times, 0.5), blocks(samples.direct, 0.5))),
    (quantile(times, 0.95) / quantile(samples.direct, 0.95)).toFixed(2),
  ];
  return {
    title: `exec of ${JSON.stringify(COMMAND)} against the vendor's own on the same machine, ${executions} each`,
    rows: [
      ["", "p50 ms", "p95 ms", "p50 ratio", "p95 ratio"],
      row("vendor's exec", samples.direct),
      row("through our API", samples.ours),
      row("our shell wrapper at the vendor", samples.wrapped),
      row("vendor's exec again", samples.directAgain),
    ],
    notes: [
      `one exec through our API makes ${calls.length / COUNTED} vendor calls`,
      `p50 ratios are of blocks of ${BLOCK} executions`,
      "the wrapper lets a call whose answer was lost be made again without running the command twice",
    ],
    samples,
  };
}

/** The very call that the API makes, without the API. */
function wrappedBody(): unknown {
  const glance = {
    until: "exit",
    holdSeconds: 15,
    offsets: { stdout: 0, stderr: 0 },
    limit: 262_144,
  } as const;
  const { command, timeoutSeconds } = startRequest(
    randomUUID().replaceAll("-", ""),
    { argv: COMMAND, timeoutSeconds: 60 },
    glance,
    0,
  );
  return { command, timeout: timeoutSeconds };
}

function timed(work: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  };
}

function blocks(times: number[], share: number): number[] {
  const count = Math.max(1, Math.floor(times.length / BLOCK));
  return Array.from({ length: count }, (_, index) =>
    quantile(times.slice(index * BLOCK, (index + 1) * BLOCK), share),
  );
}
