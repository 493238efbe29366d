import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundleWorker } from "./bundle.ts";
import { type CloudProcess, startCloudProcess } from "./cloud-process.ts";
import { type ControlPlane, startControlPlane, VENDORS, workerEntry } from "./control-plane.ts";
import { isFree, loadPorts, loadSecrets, writeLocalJson } from "./state.ts";

/** The local stack: the Worker on workerd and the local cloud, without any account. */

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    port: { type: "string" },
    state: { type: "string" },
    without: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h" },
  },
});

if (values.help) {
  console.log(`usage: npm start -- [--port 8787] [--state .gentity] [--without VENDOR]     (also PORT, GENTITY_STATE)

  --without VENDOR   as if this deployment had no token of ${VENDORS.join(" or ")}; may repeat.
                     Without fly, bodies run in Daytona's sandboxes and say so; without both, nothing can run.`);
  process.exit(0);
}

const port = Number(values.port ?? process.env.PORT ?? 8787);
const stateDir = resolve(values.state ?? process.env.GENTITY_STATE ?? ".gentity");

let cloud: CloudProcess | undefined;
let controlPlane: ControlPlane | undefined;
const stop = new AbortController();

async function start(): Promise<void> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`--port must be a port, not "${values.port ?? process.env.PORT}"`);
  }
  if (!(await isFree(port))) {
    throw new Error(
      `port ${port} is in use; choose another with: npm start -- --port ${port + 10} --state .gentity-${port + 10}`,
    );
  }
  const without = values.without.map((name) => {
    const vendor = VENDORS.find((candidate) => candidate === name);
    if (vendor === undefined) {
      throw new Error(`--without must be one of ${VENDORS.join(", ")}, not "${name}"`);
    }
    return vendor;
  });
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const secrets = loadSecrets(stateDir);
  const ports = await loadPorts(stateDir, port);
  // Made while the local cloud starts; what goes wrong with it is told where it is waited for.
  const worker = bundleWorker(workerEntry(root));
  worker.catch(() => undefined);
  console.error("starting the local cloud …");
  cloud = await startCloudProcess({
    root,
    stateDir,
    ports,
    apiPort: port,
    token: secrets.cloudToken,
    signal: stop.signal,
    onCrash: (how) => void end(1, `the local cloud ended unexpectedly (${how})`),
  });
  console.error(`  ${cloud.cloudUrl} (isolation: ${cloud.isolation})`);
  console.error("starting the control plane …");
  controlPlane = await startControlPlane({
    root,
    stateDir,
    port,
    cloud,
    without,
    secrets,
    worker,
    onCrash: () =>
      console.error("the Workers runtime crashed and was restarted; see worker.log in the state folder"),
  });
  takeSignals();
  writeLocalJson(stateDir, {
    apiUrl: controlPlane.apiUrl,
    token: secrets.token,
    adminToken: secrets.adminToken,
    cloudUrl: cloud.cloudUrl,
    cloudToken: secrets.cloudToken,
  });
  console.log(`
Gentity Compute runs at ${controlPlane.apiUrl}
  dashboard   ${controlPlane.apiUrl}/dashboard   (sign in as you@localhost)
  token   ${secrets.token}
  API     ${controlPlane.apiUrl}/docs
  state   ${join(stateDir, "local.json")}

Now, in another terminal:
  npx gentity agents
  npx gentity compute create --agent claude-code --model claude-sonnet-4-6 --api-key sk-test

Ctrl-C ends everything; what you made is still there at the next start.`);
}

/** Ends all that was started, once. */
async function end(code: number, why: string): Promise<void> {
  if (stop.signal.aborted) {
    return;
  }
  console.error(`\n${why}; ending …`);
  // Requests first: a control plane that still runs would see its machines vanish and write that down.
  const closed = await Promise.allSettled([controlPlane?.close()]);
  stop.abort();
  const results = [...closed, ...(await Promise.allSettled([starting, cloud?.exited]))];
  for (const result of results) {
    if (result.status === "rejected") {
      console.error(String(result.reason));
    }
  }
  process.exit(code);
}

/** Miniflare takes the signals too, and would exit before everything has ended: ours alone count. */
function takeSignals(): void {
  process.removeAllListeners("SIGINT").on("SIGINT", () => void end(0, "interrupted"));
  process.removeAllListeners("SIGTERM").on("SIGTERM", () => void end(0, "terminated"));
  process.removeAllListeners("SIGHUP").on("SIGHUP", () => void end(0, "the terminal was closed"));
}

takeSignals();
const starting = start().catch((error: unknown) => {
  void end(1, error instanceof Error ? error.message : String(error));
});
