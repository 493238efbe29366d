/**
 * `npm run test:vm`: a create on Hetzner, followed on a real Debian with a real cloud-init, systemd and Docker, in a virtual
 * machine that gets the very instructions the vendor was given. As root, with debootstrap, QEMU, genisoimage and mke2fs.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  checkHostRestart,
  checkInstructions,
  checkMetadata,
  checkServer,
  exec,
  type Running,
} from "./checks.ts";
import { endAll, findMissing } from "./command.ts";
import { Deployment } from "./deployment.ts";
import { makeDisks } from "./disks.ts";
import { Machine, type MachineDisks } from "./machine.ts";
import { expect, Report, until } from "./report.ts";
import { ensureRoot, type Root } from "./root.ts";
import { STOOD_IN_FOR } from "./stand-ins.ts";

/** And the packages they are in. */
const TOOLS = {
  debootstrap: "debootstrap",
  "qemu-system-x86_64": "qemu-system-x86",
  genisoimage: "genisoimage",
  mke2fs: "e2fsprogs",
} as const;
const CACHE = resolve(import.meta.dirname, "../../.gentity/vm");
/** The control plane itself gives up after fifteen minutes. */
const BOOT_MS = 15 * 60_000;
const WORK_MS = 5 * 60_000;
const KINDS = ["servers", "volumes", "firewalls"];
const API_KEY = "sk-ant-api03-key-of-the-virtual-machine";

const report = new Report();
/** Sockets lie in it, whose paths may have 108 bytes. */
const dir = mkdtempSync(join(tmpdir(), "gentity-vm-"));
let deployment: Deployment | undefined;
let machine: Machine | undefined;
let isEnding = false;

async function main(): Promise<void> {
  expect(
    process.getuid?.() === 0,
    "this takes root: debootstrap makes device nodes, and the disk has root's files",
  );
  const missing = findMissing(Object.keys(TOOLS));
  const packages = missing.map((tool) => TOOLS[tool as keyof typeof TOOLS]).join(" ");
  expect(missing.length === 0, `${missing.join(", ")} must be installed (Debian: ${packages})`);
  report.say("Stood in for, because it takes the internet:");
  for (const standIn of STOOD_IN_FOR) report.say(`  - ${standIn}`);
  const root = await ensureRoot(CACHE, (line) => report.say(line));
  const state = join(dir, "state");
  mkdirSync(state);
  deployment = await Deployment.start(state);
  takeSignals();
  report.say("the control plane and the vendors are up");
  const created = await create(deployment);
  await checkInstructions(report, created);
  const image: string = (await deployment.instance(created.instance.id)).image.ref;
  const disks = await makeDisks(dir, root, created.server, { image, tunnelEdge: deployment.tunnelEdge });
  const running = await boot(root, disks, created);
  if (running) {
    await checkServer(report, running);
    await checkMetadata(report, running);
    await checkHostRestart(report, running);
    await checkPower(root, disks, running);
    await checkDelete(running);
  }
}

type Created = Omit<Running, "machine">;

async function create(on: Deployment): Promise<Created> {
  const { status, body, text } = await on.api("POST", "/api/instances", {
    agentType: "claude-code",
    modelProvider: "anthropic",
    modelName: "claude-sonnet-4-6",
    apiKey: API_KEY,
    provider: "hetzner",
  });
  expect(status === 202, `the create was answered with ${status} ${text}`);
  const server = await until("a server at the vendor", WORK_MS, () => on.server(body.id));
  report.say(`${body.id} is being created, as the server ${server.name}`);
  return { deployment: on, server, instance: body, apiKey: API_KEY };
}

/** Until the instance runs, telling what the control plane tells. */
async function reach({ deployment: on, instance }: Created, wanted: string): Promise<void> {
  let told = "";
  await until(`the instance to be ${wanted}`, BOOT_MS, async () => {
    const { status, progress, errorMessage } = await on.instance(instance.id);
    const now = `${status}${progress ? `: ${progress}` : ""}`;
    if (now !== told) report.say(`  ${now}`);
    told = now;
    expect(status === wanted || status !== "error", `${errorMessage}`);
    return status === wanted;
  });
}

async function boot(root: Root, disks: MachineDisks, created: Created): Promise<Running | undefined> {
  const started = new Machine(dir, root, disks);
  machine = started;
  void started.ended.then((how) => report.say(`the machine is off (${how})`));
  const isUp = await report.check(
    "from the vendor's instructions to an instance that runs, in one flow",
    () => Promise.race([reach(created, "running"), started.ended.then(fail)]),
  );
  if (!isUp) report.say(`the end of its console:\n${started.console().split("\n").slice(-60).join("\n")}`);
  return isUp ? { ...created, machine: started } : undefined;
}

function fail(how: string): never {
  throw new Error(`the machine has ended (${how})`);
}

/** Off and on again: the same server, the same volume, and no first boot any more. */
async function checkPower(root: Root, disks: MachineDisks, running: Running): Promise<void> {
  const { deployment: on, instance } = running;
  const act = (action: string) => on.api("POST", `/api/instances/${instance.id}/action`, { action });
  const serverIs = (status: string) => async () => (await on.server(instance.id))?.status === status;
  const isOff = await report.check(
    "a stop ends the agent, and then the system by its power button",
    async () => {
      const asked = act("stop");
      await until("the vendor to be asked for a shutdown", WORK_MS, serverIs("stopping"));
      const left = await running.machine.output("docker ps -q");
      expect(left === "", `still running: ${left}`);
      await running.machine.pressPowerButton();
      await running.machine.ended;
      // The vendor sees that it is off.
      await on.vendor("POST", `/_control/machines/${(await on.server(instance.id))?.id}/crash`);
      await asked;
      await reach(running, "stopped");
    },
  );
  if (!isOff) return;
  await report.check("a start finds the volume as it was", async () => {
    const asked = act("start");
    await until("the vendor to switch it on", WORK_MS, serverIs("running"));
    const again = await boot(root, disks, running);
    expect(again !== undefined, "it did not come up");
    await asked;
    const { stdout } = await exec(again, "cat /workspace/of-the-test");
    expect(stdout === "kept\n", `the agent found: ${stdout}`);
  });
}

async function checkDelete({ deployment: on, instance }: Running): Promise<void> {
  await report.check("a delete leaves nothing at the vendor", async () => {
    const { status, text } = await on.api("DELETE", `/api/instances/${instance.id}`);
    expect(status < 300, `${status} ${text}`);
    await until("the vendor to have nothing left", WORK_MS, async () => {
      const lists = await Promise.all(KINDS.map((kind) => on.vendor("GET", `/v1/${kind}`)));
      return lists.every(({ body }, index) => body[String(KINDS[index])].length === 0);
    });
    const page = await on.visit(instance.subdomain);
    expect(page.status === 404, `its URL answers ${page.status}`);
  });
}

/** Ends what was started here, and nothing else. */
async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await endAll();
  await machine?.cutPower();
  await deployment?.close().catch((error: unknown) => report.say(String(error)));
  rmSync(dir, { recursive: true, force: true });
  process.exit(code);
}

/** Again once the Workers runtime is there: its keeper takes them too, and would exit before all has ended. */
function takeSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.removeAllListeners(signal).on(signal, () => void end(130));
  }
}

takeSignals();
try {
  await main();
  report.summary();
} catch (error) {
  report.failed++;
  report.say(`FAIL  ${error instanceof Error ? error.stack : String(error)}`);
}
await end(report.failed === 0 ? 0 : 1);
