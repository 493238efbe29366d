/** The host program as a real process, the real Worker on workerd, and a real engine where there is one. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../src/docker-engine-client/engine.ts";
import { TEST_HOST, TEST_IMAGE, testEngine } from "../../src/localcloud/testing/engine.ts";
import type { MachineRecipe } from "../../src/providers/provider.ts";
import { ControlPlane, OWNER } from "./control-plane.ts";
import { Server, until } from "./server.ts";

const found = await testEngine();
if ("reason" in found) process.stderr.write(`the host program in Docker: skipped, ${found.reason}\n`);
const engine = found instanceof Engine ? found : new Engine("");
/** The engine of the tests has none, so that it leaves none behind; one that has publishes ports. */
const hasBridge =
  !("reason" in found) &&
  (await engine.call<{ Name: string }[]>("GET", "/networks")).some(({ Name }) => Name === "bridge");

/** Its secret is in no log. */
const SECRET = "sk-secret-of-the-owner";
const RECIPE: MachineRecipe = {
  id: "rcp_1",
  image: TEST_IMAGE,
  entrypoint: ["/bin/sh", "-c"],
  command: ["echo begin; echo problem >&2; trap 'echo bye; exit 0' TERM; while :; do sleep 0.1; done"],
  user: { uid: 1000, gid: 1000 },
  workdir: "/data/work",
  dataPath: "/data",
  port: 8080,
  env: { MODEL_KEY: SECRET },
  files: [{ path: "/data/settings", content: "first", firstBootOnly: true, mode: "0600" }],
};

const stateDir = mkdtempSync(join(tmpdir(), "gentity-host-plane-"));
const servers: Server[] = [];
let plane: ControlPlane;
beforeAll(async () => {
  plane = await ControlPlane.start(stateDir);
});
afterAll(async () => {
  await plane.close();
  rmSync(stateDir, { recursive: true, force: true });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove();
  if (!("reason" in found)) {
    await engine.call("DELETE", "/containers/gentity-agent", { query: { force: "1" } }).catch(() => {});
  }
});

async function serverOf(
  id: string,
  more: { dockerHost?: string; programs?: Record<string, string> } = {},
): Promise<Server> {
  const server = await Server.make({
    controlUrl: plane.url,
    instanceId: id,
    enrolmentSecret: await plane.enrolmentSecret(id),
    dockerHost: more.dockerHost ?? "unix:///nowhere/docker.sock",
    programs: more.programs,
    node: process.env.GENTITY_TEST_HOST_NODE,
  });
  servers.push(server);
  return server;
}
const reportOf = async (id: string) => (await plane.host(id)).report();
const connected = (id: string) =>
  until(
    () => reportOf(id),
    (report) => report.connected,
  );

describe("the host program", () => {
  it("enrols, connects and says what it is at; its secrets stay with it", async () => {
    const id = await plane.create(RECIPE);
    const server = await serverOf(id);
    const report = await until(
      () => reportOf(id),
      ({ agent }) => agent?.note !== undefined,
    );
    expect(report).toMatchObject({
      enrolled: true,
      connected: true,
      agent: { state: "preparing", note: expect.stringContaining("no Docker engine answers") },
    });
    expect(statSync(join(server.stateDir, "key.pem")).mode & 0o777).toBe(0o600);
    const logged = await until(
      async () => (await (await plane.host(id)).logs({})).lines,
      (lines) => lines.length > 0,
    );
    expect(logged[0]).toMatchObject({ level: "info", message: "the host program runs" });
    const said = server.output + JSON.stringify(logged);
    for (const secret of [SECRET, await plane.enrolmentSecret(id)]) expect(said).not.toContain(secret);
    expect(await (await plane.host(id)).exec({ command: ["true"], timeoutSeconds: 1 })).toMatchObject({
      type: "rejected",
      code: "not_running",
    });
  });

  it("listens on no port", async () => {
    const id = await plane.create(RECIPE);
    const server = await serverOf(id);
    await connected(id);
    const sockets = readFileSync(`/proc/${server.pid}/net/tcp`, "utf8");
    const listening = sockets.split("\n").filter((line) => line.trim().split(/\s+/)[3] === "0A");
    const inodes = new Set(listening.map((line) => line.trim().split(/\s+/)[9]));
    const { readdirSync, readlinkSync } = await import("node:fs");
    const own = readdirSync(`/proc/${server.pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${server.pid}/fd/${fd}`);
      } catch {
        return "";
      }
    });
    expect(own.filter((link) => inodes.has(/socket:\[(\d+)\]/.exec(link)?.[1]))).toEqual([]);
  });

  it("comes back with the same key, and nobody else with the same user data gets in", async () => {
    const id = await plane.create(RECIPE);
    const server = await serverOf(id);
    await connected(id);
    expect(await server.stop()).toBe(0);
    await until(
      () => reportOf(id),
      (report) => !report.connected,
    );
    server.start();
    await connected(id);
    await server.stop();
    server.forgetKey();
    server.start();
    await until(
      () => server.output,
      (output) => output.includes("refused to enrol this server (409)"),
    );
    expect((await reportOf(id)).connected).toBe(false);
  });

  it("connects again for ever when the control plane was away", async () => {
    const id = await plane.create(RECIPE);
    await serverOf(id);
    await connected(id);
    await plane.close();
    await plane.open();
    await connected(id);
  });

  it("keeps the tunnel's connector running, also beyond its own end", async () => {
    const id = await plane.create(RECIPE);
    await plane.settle(id);
    const script = `#!/bin/sh\necho "$$ $* $TUNNEL_TOKEN" >>"$(dirname "$0")/calls"\nexec sleep 1000\n`;
    const server = await serverOf(id, { programs: { cloudflared: script } });
    const callsPath = join(server.root, "bin/calls");
    writeFileSync(callsPath, "");
    const calls = (count: number) =>
      until(
        () => readFileSync(callsPath, "utf8").trim().split("\n").filter(Boolean),
        (lines) => lines.length === count,
      );
    const [first = ""] = await calls(1);
    const [pid, ...rest] = first.split(" ");
    const token = rest.pop() ?? "";
    expect(rest.join(" ")).toBe("tunnel --no-autoupdate run");
    expect(JSON.parse(Buffer.from(token, "base64").toString())).toMatchObject({
      a: "acc-of-the-tests",
      t: "tun-1",
    });
    expect(server.state("tunnel.json")).not.toContain(token);
    await server.stop();
    expect(process.kill(Number(pid), 0)).toBe(true);
    server.start();
    await connected(id);
    process.kill(Number(pid), "SIGKILL");
    const [, second = ""] = await calls(2);
    await (await plane.instance(id)).intend("stop", OWNER);
    await reportOf(id);
    await until(
      () => {
        try {
          return process.kill(Number(second.split(" ")[0]), 0);
        } catch {
          return false;
        }
      },
      (lives) => !lives,
    );
  });
});

describe.skipIf("reason" in found)("an agent in Docker", () => {
  const exec = async (id: string, script: string, more: { stdin?: string; timeoutSeconds?: number } = {}) => {
    const outcome = await (await plane.host(id)).exec({
      command: ["/bin/sh", "-c", script],
      timeoutSeconds: 20,
      ...more,
    });
    if (outcome.type !== "ok") throw new Error(JSON.stringify(outcome));
    return outcome.value;
  };
  const running = (id: string) =>
    until(
      () => reportOf(id),
      ({ agent }) => agent?.state === "running",
    );
  const dockerHost = TEST_HOST;
  const containerId = async () =>
    (await engine.call<{ Id: string }>("GET", "/containers/gentity-agent/json")).Id;
  const logsOf = async (id: string) =>
    (await (await plane.host(id)).logs({})).lines.map(({ message }) => message);

  it("runs as its recipe says, with its files and folders, and is stopped in order", async () => {
    const id = await plane.create(RECIPE);
    const server = await serverOf(id, { dockerHost });
    expect((await running(id)).agent).toMatchObject({ recipeId: "rcp_1" });
    expect(
      await exec(id, "cat /data/settings; stat -c '%u %a' /data/settings; stat -c %u /data /data/work"),
    ).toEqual({ exitCode: 0, stdout: "first1000 600\n1000\n1000\n", stderr: "" });
    expect((await exec(id, "echo $MODEL_KEY")).stdout).toBe(`${SECRET}\n`);
    await until(
      () => logsOf(id),
      (lines) => lines.includes("begin") && lines.includes("problem"),
    );
    await exec(id, "echo mine >/data/settings");
    await plane.settle(id);
    await (await plane.instance(id)).intend("stop", OWNER);
    expect(await (await plane.host(id)).quiesce()).toEqual({ type: "ok", value: undefined });
    expect(await logsOf(id)).toContain("bye");
    await until(
      () => reportOf(id),
      ({ agent }) => agent?.state === "stopped",
    );
    expect(readFileSync(join(server.root, "mnt/gentity/data/settings"), "utf8")).toBe("mine\n");
    expect(server.output).not.toContain(SECRET);
  });

  it("has commands with separate outputs, codes, input, signals and a time", async () => {
    const id = await plane.create(RECIPE);
    await serverOf(id, { dockerHost });
    await running(id);
    expect(await exec(id, "echo out; echo err >&2; exit 3")).toEqual({
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    expect((await exec(id, "cat", { stdin: "typed" })).stdout).toBe("typed");
    expect(await exec(id, "kill -TERM $$")).toMatchObject({ exitCode: 143, signal: 15 });
    expect(await exec(id, "echo begun; sleep 100 & sleep 100", { timeoutSeconds: 1 })).toEqual({
      exitCode: 137,
      signal: 9,
      stdout: "begun\n",
      stderr: "",
    });
    expect((await exec(id, "ps | grep -c '[s]leep 100'")).stdout).toBe("0\n");
    expect((await exec(id, "head -c 300000 /dev/zero | tr '\\0' x")).stdout.length).toBe(300_000);
    const absent = await (await plane.host(id)).exec({ command: ["/no/such"], timeoutSeconds: 5 });
    expect(absent).toMatchObject({ value: { exitCode: expect.any(Number), stdout: "" } });
    expect(absent.type === "ok" && absent.value.exitCode).toBeGreaterThan(125);
    const asked = exec(id, "sleep 2");
    const { busy } = await until(
      () => reportOf(id),
      (report) => report.busy.length > 0,
    );
    expect(busy[0]).toMatchObject({ kind: "exec" });
    await asked;
    const host = await plane.host(id);
    const script = "trap 'echo heard; exit 5' USR1; touch /tmp/ready; while :; do sleep 0.1; done";
    const signalled = host.exec({ command: ["/bin/sh", "-c", script], timeoutSeconds: 30 }, "signalled");
    await until(
      () => exec(id, "ls /tmp"),
      ({ stdout }) => stdout.includes("ready"),
    );
    await host.signal("signalled", "SIGUSR1");
    expect(await signalled).toMatchObject({
      value: { exitCode: 5, stdout: expect.stringContaining("heard") },
    });
  });

  it("is left alone by the end of the host program, and found again", async () => {
    const id = await plane.create(RECIPE);
    const server = await serverOf(id, { dockerHost });
    const before = (await running(id)).agent;
    const container = await containerId();
    await server.stop("SIGKILL");
    server.start();
    await until(
      () => server.output.split("the host program runs").length,
      (count) => count === 3,
    );
    expect((await running(id)).agent).toEqual(before);
    expect(await containerId()).toBe(container);
    await until(
      () => logsOf(id),
      (lines) => lines.filter((line) => line === "the host program runs").length === 2,
    );
    expect((await logsOf(id)).filter((line) => line === "begin")).toHaveLength(1);
  });

  it("that keeps failing is given up, and says why", async () => {
    const id = await plane.create({ ...RECIPE, command: ["echo no >&2; exit 7"] });
    await serverOf(id, { dockerHost });
    const { agent } = await until(
      () => reportOf(id),
      (report) => report.agent?.state === "exited",
    );
    expect(agent).toMatchObject({ exitCode: 7, note: "the agent ended with code 7, 5 times in a row" });
  });

  it("that ended by itself stays ended until it is asked for again, and then has its new settings", async () => {
    const id = await plane.create({ ...RECIPE, command: ["exit 0"] });
    await serverOf(id, { dockerHost });
    const first = await until(
      () => reportOf(id),
      ({ agent }) => agent?.state === "exited",
    );
    expect(first.agent).toMatchObject({ exitCode: 0 });
    const container = await containerId();
    await plane.settle(id);
    const next = { ...RECIPE, id: "rcp_2", files: [{ ...(RECIPE.files[0] as object), content: "second" }] };
    await (await plane.instance(id)).rotate(
      {
        from: `ai-${id.slice(-8)}`,
        subdomain: "ai-other000",
        recipe: { sealedRecipe: await plane.seal(id, next as MachineRecipe), sealedInputs: "" },
      },
      OWNER,
    );
    expect((await running(id)).agent).toMatchObject({ recipeId: "rcp_2" });
    expect(await containerId()).not.toBe(container);
    expect((await exec(id, "cat /data/settings")).stdout).toBe("first");
  });

  it.skipIf(!hasBridge)("is reached on its port from its own server alone", async () => {
    const port = 18_080;
    const id = await plane.create({
      ...RECIPE,
      user: undefined,
      workdir: undefined,
      port,
      command: [`exec httpd -f -p ${port} -h /srv`],
    });
    await serverOf(id, { dockerHost });
    await running(id);
    const answer = await until(
      () =>
        fetch(`http://127.0.0.1:${port}/`)
          .then((response) => response.text())
          .catch(() => ""),
      (text) => text !== "",
    );
    expect(answer).toBe("the real image\n");
    const { NetworkSettings } = await engine.call<{ NetworkSettings: { Ports: object } }>(
      "GET",
      "/containers/gentity-agent/json",
    );
    expect(NetworkSettings.Ports).toEqual({
      [`${port}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }],
    });
  });

  it("has a terminal", async () => {
    const id = await plane.create(RECIPE);
    await serverOf(id, { dockerHost });
    await running(id);
    const response = await (await plane.host(id)).fetch("http://host/pty?cols=91&rows=31", {
      headers: { Upgrade: "websocket" },
    });
    const socket = response.webSocket;
    if (!socket) throw new Error(`no terminal: ${response.status}`);
    let shown = "";
    let exit: unknown;
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") exit = JSON.parse(data);
      else shown += Buffer.from(data as ArrayBuffer).toString();
    });
    socket.accept();
    socket.send(Buffer.from("stty size; id -u\r"));
    await until(
      () => shown,
      (text) => /31 91\r\n0\r\n/.test(text),
    );
    await until(
      () => reportOf(id),
      (report) => report.agent !== null,
    );
    socket.send(JSON.stringify({ cols: 70, rows: 20 }));
    socket.send(Buffer.from("stty size\r"));
    await until(
      () => shown,
      (text) => text.includes("20 70\r\n"),
    );
    socket.send(Buffer.from("exit 4\r"));
    await until(
      () => exit,
      (said) => said !== undefined,
    );
    expect(exit).toEqual({ exitCode: 4, signal: null });
  });
});
