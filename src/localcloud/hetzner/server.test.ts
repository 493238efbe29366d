/** Servers that really run what they were told to. */
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Demultiplexer } from "../../docker-engine-client/demultiplex.ts";
import { Engine } from "../../docker-engine-client/engine.ts";
import type { PullEvent } from "../../docker-engine-client/pull-progress.ts";
import { processesWithEnv, signalProcess } from "../../os/processes.ts";
import { eventually } from "../testing/harness.ts";
import { TestHetzner } from "../testing/hetzner.ts";

/** Counts its starts on its disk and on the volume, says what it was given, and starts something that leaves it. */
const PROGRAM = `
import { spawn } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
const root = process.env.GENTITY_ROOT;
appendFileSync(root + "/var/lib/starts", process.pid + "\\n");
appendFileSync(root + "/mnt/gentity/starts", process.pid + "\\n");
writeFileSync(root + "/var/lib/environment", JSON.stringify({ ...process.env, argv: process.argv.slice(2) }));
spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }).unref();
process.on("SIGTERM", () => {
  appendFileSync(root + "/var/lib/stops", process.pid + "\\n");
  process.exit(0);
});
setInterval(() => {}, 1000);
`;

const indent = (text: string) => text.replace(/^/gm, "      ");

const USER_DATA = `#cloud-config
packages: [docker.io]
hostname: ignored
write_files:
  - path: /opt/tiny/tiny.mjs
    permissions: "0600"
    content: |
${indent(PROGRAM)}
  - path: /etc/systemd/system/tiny.service
    content: |
      [Unit]
      Description=tiny
      [Service]
      ExecStartPre=/usr/sbin/nft -f /etc/tiny.nft
      Environment=GREETING=hello "OTHER=two words"
      ExecStart=/usr/bin/node /opt/tiny/tiny.mjs --state /var/lib/tiny plain
      Restart=always
      RestartSec=100ms
      KillMode=process
      [Install]
      WantedBy=multi-user.target
  - path: /opt/tiny/setup.sh
    permissions: "0700"
    encoding: b64
    content: ${Buffer.from(
      '#!/bin/sh\nset -e\necho setup >> "$GENTITY_ROOT/var/lib/setups"\napt-get install -y x\nsystemctl daemon-reload\nsystemctl enable --now tiny.service\n',
    ).toString("base64")}
runcmd:
  - "false"
  - [/bin/sh, /opt/tiny/setup.sh]
`;

let hetzner: TestHetzner;
beforeAll(async () => {
  hetzner = await TestHetzner.start();
});
afterAll(() => hetzner.close());

const rootOf = (id: number) => join(hetzner.cloud.stateDir, "hetzner/servers", String(id), "root");
const read = (id: number, path: string) => readFile(join(rootOf(id), path), "utf8").catch(() => "");
const lines = async (id: number, path: string) => (await read(id, path)).split("\n").filter(Boolean);
const environmentOf = async (id: number) => JSON.parse((await read(id, "var/lib/environment")) || "{}");

/** How this computer knows the processes of a server. */
async function processesOf(id: number): Promise<number[]> {
  const { GENTITY_SERVER } = await environmentOf(id);
  return processesWithEnv(`GENTITY_SERVER=${GENTITY_SERVER}`);
}

async function tiny(): Promise<{ id: number; volume: number }> {
  const volume = await hetzner.volume();
  const id = await hetzner.server({ user_data: USER_DATA, volumes: [volume] });
  await eventually(async () => (await lines(id, "mnt/gentity/starts")).length === 1);
  await eventually(async () => (await environmentOf(id)).GENTITY_SERVER !== undefined);
  return { id, volume };
}

describe("a server", () => {
  it("does as its instructions say, once, and keeps its service running", async ({ expect }) => {
    const { id } = await tiny();
    const environment = await environmentOf(id);
    expect(environment).toMatchObject({
      GENTITY_ROOT: rootOf(id),
      GREETING: "hello",
      OTHER: "two words",
      HOME: `${rootOf(id)}/root`,
      DOCKER_HOST: expect.stringMatching(/^unix:\/\/.{1,100}$/),
      argv: ["--state", `${rootOf(id)}/var/lib/tiny`, "plain"],
    });
    const said = await read(id, "var/log/cloud-init-output.log");
    expect(said).toContain("not done on this computer: hostname");
    expect(said).toContain("failed (1): /bin/sh -c false");
    const [pid] = await lines(id, "var/lib/starts");
    signalProcess(Number(pid), "SIGKILL");
    await eventually(async () => (await lines(id, "var/lib/starts")).length === 2);
    expect(await lines(id, "var/lib/setups")).toEqual(["setup"]);
  });

  it("ends in order when it is shut down, and comes up with its files, its volume and no second first boot", async ({
    expect,
  }) => {
    const { id, volume } = await tiny();
    const [pid] = await lines(id, "var/lib/starts");
    await hetzner.act(id, "shutdown");
    await hetzner.reach(id, "off");
    expect(await lines(id, "var/lib/stops")).toEqual([pid]);
    expect(await processesOf(id)).toEqual([]);
    await hetzner.act(id, "poweron");
    await eventually(async () => (await lines(id, "var/lib/starts")).length === 2);
    expect(await lines(id, "var/lib/setups")).toEqual(["setup"]);
    await hetzner.settled((await hetzner.call("DELETE", `/servers/${id}`)).body);
    // The volume outlives its server, and is the same on another.
    const other = await hetzner.server({ volumes: [volume] });
    expect((await lines(other, "mnt/gentity/starts")).length).toBeGreaterThanOrEqual(2);
  });

  it("is off at once when its power is cut, with all it had started", async ({ expect }) => {
    const { id } = await tiny();
    await eventually(async () => (await processesOf(id)).length >= 2);
    await hetzner.act(id, "poweroff");
    expect(await processesOf(id)).toEqual([]);
    expect(await lines(id, "var/lib/starts")).toHaveLength(1);
  });

  it("comes up again with the cloud", async ({ expect }) => {
    const { id } = await tiny();
    const off = await hetzner.server();
    await hetzner.act(off, "poweroff");
    await hetzner.cloud.restart();
    expect(await hetzner.status(id)).toBe("running");
    expect(await hetzner.status(off)).toBe("off");
    await eventually(async () => (await lines(id, "var/lib/starts")).length === 2);
    expect(await lines(id, "var/lib/setups")).toEqual(["setup"]);
  });
});

describe("a server's containers", () => {
  async function engineOf(id: number): Promise<Engine> {
    await eventually(async () => (await environmentOf(id)).DOCKER_HOST !== undefined);
    const { DOCKER_HOST } = await environmentOf(id);
    return new Engine(DOCKER_HOST.replace("unix://", ""), "1.41");
  }

  async function run(engine: Engine, id: string, script: string): Promise<string> {
    const { Id } = await engine.call<{ Id: string }>("POST", `/containers/${id}/exec`, {
      body: { Cmd: ["/bin/sh", "-c", script], AttachStdout: true, User: "0" },
    });
    const stream = await engine.hijack(`/exec/${Id}/start`, { body: {} });
    let said = "";
    const demultiplexer = new Demultiplexer((_, data) => {
      said += Buffer.from(data).toString();
    });
    stream.on("data", (data: Buffer) => demultiplexer.push(data));
    await new Promise((resolve) => stream.once("close", resolve));
    return said;
  }

  it("serve the built-in page behind a published port, over a folder of the volume", async ({ expect }) => {
    const { id } = await tiny();
    const engine = await engineOf(id);
    const pull = { query: { fromImage: "example/agent", tag: "1.0.0" } };
    for await (const event of engine.follow<PullEvent>("POST", "/images/create", pull)) {
      if (event.error) throw new Error(event.error);
    }
    await writeFile(join(rootOf(id), "mnt/gentity/note"), "from the server");
    const { Id } = await engine.call<{ Id: string }>("POST", "/containers/create", {
      query: { name: "gentity-agent" },
      body: {
        Image: "example/agent:1.0.0",
        ExposedPorts: { "7681/tcp": {} },
        HostConfig: {
          Binds: ["/mnt/gentity:/data"],
          PortBindings: { "7681/tcp": [{ HostIp: "127.0.0.1", HostPort: "7681" }] },
        },
      },
    });
    await engine.call("POST", `/containers/${Id}/start`);
    expect(await run(engine, "gentity-agent", 'cat "$LOCALCLOUD_ROOT/data/note"')).toBe("from the server");
    const map = JSON.parse(await readFile((await environmentOf(id)).GENTITY_PORT_MAP, "utf8"));
    expect(map["7681"]).not.toBe(7681);
    const get = () => fetch(`http://127.0.0.1:${map["7681"]}/`).catch(() => undefined);
    await eventually(async () => (await get())?.status === 200);
    expect(await (await get())?.text()).toContain("<html");
    const inspected = await engine.call<{ NetworkSettings: { Ports: object } }>(
      "GET",
      `/containers/${Id}/json`,
    );
    expect(inspected.NetworkSettings.Ports).toEqual({
      "7681/tcp": [{ HostIp: "127.0.0.1", HostPort: "7681" }],
    });

    await hetzner.act(id, "poweroff");
    expect(await get()).toBeUndefined();
    await hetzner.act(id, "poweron");
    const again = await engineOf(id);
    const listed = await again.call<{ Id: string; State: string }[]>("GET", "/containers/json", {
      query: { all: "1" },
    });
    expect(listed).toMatchObject([{ Id, State: "exited" }]);
    await again.call("POST", `/containers/${Id}/start`);
    expect(await run(again, Id, 'cat "$LOCALCLOUD_ROOT/data/note"')).toBe("from the server");
  });

  it("reach no folder that is not the server's", async ({ expect }) => {
    const { id } = await tiny();
    const engine = await engineOf(id);
    await engine.call("POST", "/images/create", { query: { fromImage: "gentity/probe:1" } }).catch(() => {});
    await symlink("/etc", join(rootOf(id), "mnt/way-out"));
    for (const source of ["/mnt/way-out", "/../../../../etc"]) {
      const { Id } = await engine.call<{ Id: string }>("POST", "/containers/create", {
        body: { Image: "gentity/probe:1", HostConfig: { Binds: [`${source}:/host`] } },
      });
      const start = engine.call("POST", `/containers/${Id}/start`);
      if (source === "/mnt/way-out") await expect(start).rejects.toThrow("leads out of the server");
      else {
        await start;
        expect(await run(engine, Id, "ls /host")).toContain("systemd");
      }
    }
  });
});
