import { once } from "node:events";
import { join } from "node:path";
import { type Child, cpuMicros, startChild, within } from "../child.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { hasNginx, serveNginx } from "./nginx.ts";
import { bareWorker, productionWorker } from "./production.ts";
import { type Module, type RunningWorker, serveWorker } from "./workerd.ts";

export const WORKER_CORE = 0;
const LOAD_CORE = 1;
const START_MS = 20_000;
/** The load ends itself; this is for when it hangs. */
const LOAD_PATIENCE_MS = 60_000;
/** As many as one isolate's route cache holds. */
export const HOSTS = 10_000;
const DOMAIN = "gentity.test";
const WARM_UP_CONNECTIONS = 32;

export interface EdgeOptions {
  rounds: number;
  seconds: number;
  tempDir: string;
  /** Registers what must be ended, however the benchmark ends. */
  own: (child: Child) => Child;
}

/** `nginx` only where it is installed. */
export type Side = "bare" | "ours" | "bareAgain" | "nginx";

export interface Rig {
  servers: Partial<Record<Side, RunningWorker>>;
  load: Child;
  originPort: number;
}

/** What one window of load did to one server. */
export interface Sample {
  perSecond: number;
  cpuMicros: number;
  /** Share of the time that the server's process was on a processor. At 1 it is what limits the throughput. */
  busy: number;
  p50Micros: number;
  p99Micros: number;
}

/** The same for every Worker. */
export function textsOf(originPort: number): Record<string, string> {
  return {
    BASE_DOMAIN: DOMAIN,
    PUBLIC_ORIGIN: `https://${DOMAIN}`,
    EDGE_SIGNING_KEYS: `bench:${"e".repeat(42)}A`,
    FLY_APP_URL: `http://127.0.0.1:${originPort}`,
  };
}

export async function startRig({ tempDir, own }: EdgeOptions, bundle: Module[]): Promise<Rig> {
  const origin = own(startHelper("origin.ts", []));
  const [{ port: originPort }] = await within(
    "origin",
    START_MS,
    Promise.race([once(origin.process, "message"), origin.crashed]),
  );
  const texts = textsOf(originPort);
  const serve = async (name: Side, parts = bareWorker(texts)) => {
    const worker = await serveWorker({ name, parts, tempDir, core: WORKER_CORE });
    own(worker.child);
    return worker;
  };
  const servers: Rig["servers"] = {
    bare: await serve("bare"),
    ours: await serve("ours", productionWorker(bundle, texts)),
    bareAgain: await serve("bareAgain"),
  };
  if (hasNginx()) {
    const hosts = Array.from({ length: HOSTS }, (_, index) => hostOf(index));
    servers.nginx = await serveNginx({ hosts, originPort, tempDir, core: WORKER_CORE });
    own(servers.nginx.child);
  }
  const load = own(startHelper("load.ts", [String(HOSTS), DOMAIN]));
  await within("load", START_MS, Promise.race([once(load.process, "message"), load.crashed]));
  const rig = { servers, load, originPort };
  for (const server of Object.values(servers)) {
    await warmUp(rig, server);
  }
  return rig;
}

export function hostOf(index: number): string {
  return `ai-${String(index).padStart(8, "0")}.${DOMAIN}`;
}

function startHelper(file: string, args: string[]): Child {
  return startChild(process.execPath, [join(import.meta.dirname, file), ...args], {
    core: LOAD_CORE,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}

async function warmUp(rig: Rig, server: RunningWorker): Promise<void> {
  const order = { port: server.port, connections: WARM_UP_CONNECTIONS, protocol: "http" as const };
  await fire(rig, server, { ...order, requests: HOSTS, ms: LOAD_PATIENCE_MS / 2 });
}

export async function sample(
  rig: Rig,
  server: RunningWorker,
  order: Pick<LoadOrder, "connections" | "protocol">,
  seconds: number,
): Promise<Sample> {
  const { port, child } = server;
  const before = cpuMicros(child.pid);
  const ms = seconds * 1_000;
  const result = await fire(rig, server, { ...order, port, requests: Number.MAX_SAFE_INTEGER, ms });
  const cpu = cpuMicros(child.pid) - before;
  return {
    perSecond: result.requests / result.seconds,
    cpuMicros: cpu / result.requests,
    busy: cpu / (result.seconds * 1_000_000),
    p50Micros: result.p50Micros,
    p99Micros: result.p99Micros,
  };
}

/** @throws when an answer was not the origin's: a server that fails is fast, and worth no number. */
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
