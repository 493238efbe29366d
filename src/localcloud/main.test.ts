import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, it } from "vitest";
import { processesWithEnv } from "../os/processes.ts";
import { removeTree } from "./runtime/remove-tree.ts";
import { eventually, IDLE } from "./testing/harness.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

interface Program {
  child: ChildProcess;
  cloudUrl: string;
  isolation: string;
  ended: Promise<number | null>;
}

let stateDir: string;
let program: Program;

async function start(): Promise<Program> {
  const child = spawn(process.execPath, [MAIN, "--state", stateDir, "--token", "t"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const line = await new Promise<string>((resolve) =>
    child.stdout?.once("data", (data) => resolve(String(data))),
  );
  const ready = JSON.parse(line);
  if (ready.event !== "ready") throw new Error(line);
  return { child, ended, ...ready };
}

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${program.cloudUrl}${path}`, {
    method,
    headers: { authorization: "Bearer t" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

const machines = "/v1/apps/app/machines";
const reach = (id: string, state: string) =>
  eventually(async () => (await call("GET", `${machines}/${id}`)).state === state);

async function machine(config: object = {}): Promise<string> {
  const { id } = await call("POST", machines, {
    config: { image: "gentity/probe:1", init: IDLE, ...config },
  });
  await reach(id, "started");
  return id;
}

const exec = async (id: string, script: string): Promise<string> =>
  (await call("POST", `${machines}/${id}/exec`, { command: ["/bin/sh", "-c", script] })).stdout;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "localcloud-main-"));
  program = await start();
  await call("POST", "/v1/apps", { name: "app", org_slug: "personal" });
});
afterEach(async () => {
  program.child.kill("SIGTERM");
  await program.ended;
  await removeTree(stateDir);
});

describe("the program", () => {
  it("ends everything it started, and exits with 0", async ({ expect }) => {
    const id = await machine();
    const frozen = await machine();
    await call("POST", `${machines}/${frozen}/suspend`);
    await reach(frozen, "suspended");
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(0);
    expect(await processesWithEnv(`FLY_MACHINE_ID=${id}`)).toEqual([]);
    expect(await processesWithEnv(`FLY_MACHINE_ID=${frozen}`)).toEqual([]);
  });

  it.for(["SIGTERM", "SIGKILL"] as const)("takes up after %s where it was", async (signal, { expect }) => {
    const { id: volume } = await call("POST", "/v1/apps/app/volumes", {
      name: "data",
      region: "iad",
      size_gb: 1,
    });
    const running = await machine({ mounts: [{ volume, path: "/data" }] });
    await exec(running, "echo kept > /data/kept; sync");
    const resting = await machine();
    await call("POST", `${machines}/${resting}/stop`);
    await reach(resting, "stopped");
    const frozen = await machine();
    await exec(frozen, "echo kept > /root/kept");
    await call("POST", `${machines}/${frozen}/suspend`);
    await reach(frozen, "suspended");

    program.child.kill(signal);
    await program.ended;
    program = await start();

    await reach(running, "started");
    expect(await exec(running, "cat /data/kept")).toBe("kept\n");
    const { events } = await call("GET", `${machines}/${running}`);
    expect(events[1].request).toEqual({ reason: "the host was restarted" });
    expect((await call("GET", `${machines}/${resting}`)).state).toBe("stopped");
    const lost = await call("GET", `${machines}/${frozen}`);
    expect([lost.state, lost.events[0].request]).toEqual(["stopped", { reason: "snapshot lost" }]);
    // The root disk of a suspended machine is promised even when its snapshot is lost.
    await call("POST", `${machines}/${frozen}/start`);
    await reach(frozen, "started");
    expect(await exec(frozen, "cat /root/kept")).toBe("kept\n");
    // One of each, and nobody from before.
    for (const id of [running, frozen])
      expect((await processesWithEnv(`FLY_MACHINE_ID=${id}`)).length).toBeGreaterThan(0);
    expect(await processesWithEnv(`FLY_MACHINE_ID=${resting}`)).toEqual([]);
  });

  it("keeps the last lines of the log", async ({ expect }) => {
    const id = await machine({ init: { exec: ["/bin/sh", "-c", "echo remember me; sleep 1000"] } });
    const lines = async () =>
      (await call("GET", "/api/v1/apps/app/logs")).data.map(
        ({ attributes }: { attributes: { message: string } }) => attributes.message,
      );
    await eventually(async () => (await lines()).includes("remember me"));
    await call("DELETE", `${machines}/${id}?force=true`);
    await reach(id, "destroyed");
    program.child.kill("SIGTERM");
    await program.ended;
    program = await start();
    expect(await lines()).toContain("remember me");
  });
});
