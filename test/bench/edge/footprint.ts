import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { interleave } from "../interleave.ts";
import { median } from "../numbers.ts";
import { progress, type Section } from "../report.ts";
import { bareWorker, productionWorker, sizeOf } from "./production.ts";
import { type EdgeOptions, textsOf, WORKER_CORE } from "./rig.ts";
import { type Module, serveWorker, type WorkerParts } from "./workerd.ts";

const ROUTES = 100_000;
const STARTS = 7;
const GRACE_MS = 5_000;

/** What the Worker weighs before it does anything. */
export async function measureFootprint(
  options: EdgeOptions,
  bundle: Module[],
  originPort: number,
): Promise<Section> {
  progress("edge: size, memory and start …");
  const size = sizeOf(bundle);
  const routes = routesBytes();
  const texts = textsOf(originPort);
  const starts = await interleave(STARTS, {
    empty: () => startMs(options, "start-bare", bareWorker(texts)),
    ours: () => startMs(options, "start-ours", productionWorker(bundle, texts)),
  });
  const added = median(starts.ours) - median(starts.empty);
  return {
    title: "What the Worker weighs",
    rows: [
      ["", "figure"],
      ["the Worker, KB", kilo(size.raw)],
      ["the Worker, gzip, KB", kilo(size.gzip)],
      [`${ROUTES} known routes, MB`, (routes / 1_000_000).toFixed(1)],
      ["start of workerd with a bare Worker, ms", median(starts.empty).toFixed(0)],
      ["added by ours, ms", added.toFixed(0)],
    ],
    notes: [
      "memory: V8's heap in Node, routes with all that is prepared for them; one isolate remembers 10000",
      `start: from the process's beginning until it listens, its code compiled and run; median of ${STARTS}`,
    ],
    samples: { size, routes, starts },
  };
}

function kilo(bytes: number): string {
  return (bytes / 1_000).toFixed(0);
}

function routesBytes(): number {
  const script = join(import.meta.dirname, "../worker/memory.js");
  const { stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", script, String(ROUTES)], {
    encoding: "utf8",
  });
  const bytes = Number(stdout);
  if (!(bytes > 0)) {
    throw new Error(`the known routes were not weighed\n${stderr}`);
  }
  return bytes;
}

async function startMs({ tempDir, own }: EdgeOptions, name: string, parts: WorkerParts): Promise<number> {
  const startedAt = performance.now();
  const { child } = await serveWorker({ name, parts, tempDir, core: WORKER_CORE });
  const ms = performance.now() - startedAt;
  own(child);
  await child.end(GRACE_MS);
  return ms;
}
