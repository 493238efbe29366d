import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleWorker } from "../../../src/dev/bundle.ts";
import { type Child, cpuMicros, describePinning, startChild, within } from "../child.ts";
import { interleave } from "../interleave.ts";
import { median, ratioOf } from "../numbers.ts";
import { formatRatio, progress, type Section } from "../report.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { type RunningWorker, serveWorker } from "./workerd.ts";

const WORKER_CORE = 0;
const LOAD_CORE = 1;
const START_MS = 20_000;
/** The load ends itself; this is for when it hangs. */
const LOAD_PATIENCE_MS = 60_000;
/** As many as one isolate's route cache holds. */
const HOSTS = 10_000;
const DOMAIN = "gentity.test";
const CONNECTIONS = [1, 32, 128];
const WARM_UP_CONNECTIONS = 32;

export interface EdgeOptions {
  rounds: number;
  seconds: number;
  tempDir: string;
  /** Registers what must be ended, however the benchmark ends. */
  own: (child: Child) => Child;
}

/** What one window of load did to one Worker. */
interface Sample {
  perSecond: number;
  cpuMicros: number;
  /** Share of the time that the Worker's process was on a processor. At 1 the Worker is what limits the throughput. */
  busy: number;
  p50Micros: number;
  p99Micros: number;
}

type Side = "bare" | "ours" | "bareAgain";

interface Rig {
  workers: Record<Side, RunningWorker>;
  load: Child;
}

export async function benchEdge(options: EdgeOptions): Promise<Section> {
  const rig = await startRig(options);
  for (const worker of Object.values(rig.workers)) {
    await warmUp(rig, worker);
  }
  const samples: Record<number, Record<Side, Sample[]>> = {};
  for (const connections of CONNECTIONS) {
    const side = (name: Side) => () => sample(rig, rig.workers[name], connections, options.seconds);
    samples[connections] = await interleave(
      options.rounds,
      { bare: side("bare"), ours: side("ours"), bareAgain: side("bareAgain") },
      (round) => progress(`edge: ${connections} connections, round ${round} of ${options.rounds}`),
    );
  }
  return {
    title: `The edge against a bare pass-through Worker on the same workerd; ${options.rounds} rounds of ${options.seconds} s`,
    rows: [HEAD, ...CONNECTIONS.flatMap((connections) => rowsOf(connections, samples[connections]))],
    notes: [
      `${HOSTS} subdomains in rotation, all in the route cache; the clock is slowed, or each would be looked up every 5 s`,
      "D1 and Analytics Engine exist only through Miniflare: here a stub answers, so a look-up's own cost is not in this",
      `${describePinning()}; near 100 % of its core it is the Worker that limits the throughput, not the load`,
    ],
    samples,
  };
}

async function startRig({ tempDir, own }: EdgeOptions): Promise<Rig> {
  const origin = own(startHelper("origin.ts", []));
  const [{ port }] = await within(
    "origin",
    START_MS,
    Promise.race([once(origin.process, "message"), origin.crashed]),
  );
  const bindings = {
    BASE_DOMAIN: DOMAIN,
    PUBLIC_ORIGIN: `https://${DOMAIN}`,
    FLY_APP_URL: `http://127.0.0.1:${port}`,
  };
  const serve = async (name: Side, code: string) => {
    const worker = await serveWorker({ name, code, bindings, tempDir, core: WORKER_CORE });
    own(worker.child);
    return worker;
  };
  const folder = join(import.meta.dirname, "../worker");
  const bare = readFileSync(join(folder, "bare.js"), "utf8");
  const workers = {
    bare: await serve("bare", bare),
    ours: await serve("ours", await bundleWorker(join(folder, "ours.ts"))),
    bareAgain: await serve("bareAgain", bare),
  };
  const load = own(startHelper("load.ts", [String(HOSTS), DOMAIN]));
  await within("load", START_MS, Promise.race([once(load.process, "message"), load.crashed]));
  return { workers, load };
}

function startHelper(file: string, args: string[]): Child {
  return startChild(process.execPath, [join(import.meta.dirname, file), ...args], {
    core: LOAD_CORE,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}

async function warmUp(rig: Rig, worker: RunningWorker): Promise<void> {
  const order = { port: worker.port, connections: WARM_UP_CONNECTIONS };
  await fire(rig, worker, { ...order, requests: HOSTS, ms: LOAD_PATIENCE_MS / 2 });
}

async function sample(
  rig: Rig,
  worker: RunningWorker,
  connections: number,
  seconds: number,
): Promise<Sample> {
  const { port, child } = worker;
  const before = cpuMicros(child.pid);
  const ms = seconds * 1_000;
  const result = await fire(rig, worker, { port, connections, requests: Number.MAX_SAFE_INTEGER, ms });
  const cpu = cpuMicros(child.pid) - before;
  return {
    perSecond: result.requests / result.seconds,
    cpuMicros: cpu / result.requests,
    busy: cpu / (result.seconds * 1_000_000),
    p50Micros: result.p50Micros,
    p99Micros: result.p99Micros,
  };
}

/** @throws when an answer was not the origin's: a Worker that fails is fast, and worth no number. */
async function fire({ load }: Rig, { child }: RunningWorker, order: LoadOrder): Promise<LoadResult> {
  const answer = once(load.process, "message") as Promise<[LoadResult]>;
  load.process.send(order);
  const [result] = await within(
    "load",
    LOAD_PATIENCE_MS,
    Promise.race([answer, load.crashed, child.crashed]),
  );
  if (result.failures > 0 || result.requests === 0) {
    throw new Error(
      `${result.failures} requests of ${result.requests} failed: ${result.oddity ?? "no answer"}\n${child.output()}`,
    );
  }
  return result;
}

const HEAD = ["connections", "", "bare", "ours", "ours/bare", "bare/bare"];

const FIGURES: { key: keyof Sample; name: string; digits: number; scale: number }[] = [
  { key: "perSecond", name: "requests/s", digits: 0, scale: 1 },
  { key: "cpuMicros", name: "CPU µs/request", digits: 0, scale: 1 },
  { key: "p50Micros", name: "p50 ms", digits: 2, scale: 1_000 },
  { key: "p99Micros", name: "p99 ms", digits: 2, scale: 1_000 },
  { key: "busy", name: "% of its core", digits: 0, scale: 0.01 },
];

/** Times are medians of rounds, ratios those of the same round. */
function rowsOf(connections: number, samples: Record<Side, Sample[]> | undefined): string[][] {
  if (!samples) {
    return [];
  }
  return FIGURES.map(({ key, name, digits, scale }, index) => {
    const all = (side: Side) => samples[side].map((one) => one[key] / scale);
    const ratio = (side: Side) => formatRatio(ratioOf(all(side), all("bare")));
    return [
      index === 0 ? String(connections) : "",
      name,
      median(all("bare")).toFixed(digits),
      median(all("ours")).toFixed(digits),
      ratio("ours"),
      ratio("bareAgain"),
    ];
  });
}
