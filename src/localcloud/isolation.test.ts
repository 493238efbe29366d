import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, it } from "vitest";
import { eventually, TestCloud, type TestMachine } from "./testing/harness.ts";

/** Fetches through whatever way out the machine was given. */
const fetching = (url: string) => [
  "node",
  "-e",
  `fetch(${JSON.stringify(url)}).then(async r=>console.log(r.status,await r.text()),e=>console.log("error",e.cause?.message??e.message))`,
];

let cloud: TestCloud;
let machine: TestMachine;
let outside: Server;
let port: number;
beforeAll(async () => {
  outside = createServer((_request, response) => response.end("outside")).listen(0, "127.0.0.2");
  await new Promise((resolve) => outside.once("listening", resolve));
  port = (outside.address() as AddressInfo).port;
  cloud = await TestCloud.start({
    runtime: "bubblewrap",
    allowEgress: [`127.0.0.2:${port}`],
  });
  machine = await cloud.machine(await cloud.app());
});
afterAll(async () => {
  await cloud.close();
  outside.close();
});

describe("a closed machine", () => {
  it("sees its own processes, its own name and its own network only", async ({ expect }) => {
    const { body } = await cloud.exec(
      machine,
      "hostname; ls /proc | grep -c '^[0-9]'; cat /proc/net/dev | grep -c :",
    );
    const [hostname, processes, interfaces] = body.stdout.trim().split("\n");
    expect(hostname).toBe(machine.id);
    expect(Number(processes)).toBeLessThan(20);
    expect(interfaces).toBe("1");
  });

  it("sees nothing of the host's files but programs and libraries", async ({ expect }) => {
    const { body } = await cloud.exec(
      machine,
      `ls -A /home /root; ls ${cloud.stateDir}; cat /etc/shadow; touch /usr/x`,
    );
    expect(body.stdout.replace(/\s/g, "")).toBe("/home:/root:");
    expect(body.stderr).toContain("Read-only file system");
    expect(body.stderr).toContain("/etc/shadow");
    expect(body.exit_code).not.toBe(0);
  });

  it("cannot see or signal another machine's processes", async ({ expect }) => {
    const other = await cloud.machine(machine.app);
    const { body } = await cloud.exec(machine, `grep -l ${other.id} /proc/[0-9]*/environ; true`);
    expect(body.stdout).toBe("");
    expect((await cloud.exec(machine, "kill -9 -1 2>/dev/null; true")).status).toBeLessThan(600);
    expect((await cloud.exec(other, "echo alive")).body.stdout).toBe("alive\n");
    await eventually(
      async () =>
        (await cloud.state(machine)) === "started" && (await cloud.exec(machine, "true")).status === 200,
    );
  });

  it("may change users and owners, as an image's start does", async ({ expect }) => {
    const volume = await cloud.volume(machine.app);
    const owned = await cloud.machine(machine.app, {
      mounts: [{ volume, path: "/data" }],
      init: undefined,
      processes: [
        { user: "node", exec: ["/bin/sh", "-c", "trap 'exit 0' INT; while :; do sleep 0.05; done"] },
      ],
    });
    const isRoot = process.getuid?.() === 0;
    const { body } = await cloud.exec(
      owned,
      "chown 1000:1000 /data && stat -c %u /data; stat -c %U $(ls -d /proc/[0-9]* | tail -1) ; id -u",
    );
    if (isRoot) expect(body.stdout.startsWith("1000\n")).toBe(true);
    const { body: ps } = await cloud.exec(owned, "cat /proc/[0-9]*/status | grep -c '^Uid:.1000'; true");
    if (isRoot) expect(Number(ps.stdout)).toBeGreaterThan(0);
  });

  it("is bounded in memory, where control groups can be written", async ({ expect }) => {
    if (cloud.cloud.limits.some((limit) => limit.startsWith("no memory"))) return;
    const hungry = await cloud.machine(machine.app, {
      init: { exec: ["node", "-e", "const a=[];for(;;)a.push(Buffer.alloc(16*2**20,1))"] },
      restart: { policy: "no" },
    });
    await eventually(async () => (await cloud.state(hungry)) === "stopped");
    const [event] = (await cloud.call("GET", hungry.path)).body.events;
    expect(event.request.exit_event).toMatchObject({ oom_killed: true, requested_stop: false });
  });
});

describe("the way out", () => {
  it("leads to what was allowed", async ({ expect }) => {
    // For 127.0.0.1 a client goes round the proxy: that is the machine itself.
    const { body } = await cloud.exec(machine, fetching(`http://127.0.0.2:${port}/`));
    expect(body.stdout).toBe("200 outside\n");
  });

  it("never leads to the cloud itself, to loopback, or to the network around", async ({ expect }) => {
    const api = new URL(cloud.cloud.url).port;
    for (const target of [
      `cloud.localhost:${api}`,
      "0.0.0.0:22",
      "10.0.0.1:80",
      "192.168.1.1:80",
      "169.254.169.254:80",
      "[::1]:22",
    ]) {
      const { body } = await cloud.exec(machine, [
        "curl",
        "-sS",
        "--noproxy",
        "",
        "-m",
        "5",
        `http://${target}/`,
      ]);
      expect(body.stdout).toContain("machines reach nothing else");
      const tunnel = await cloud.exec(machine, [
        "curl",
        "-sS",
        "--noproxy",
        "",
        "-m",
        "5",
        "-p",
        `http://${target}/`,
      ]);
      expect(tunnel.body.stderr).toContain("403");
    }
  });

  it("opens a tunnel where it may", async ({ expect }) => {
    const { body } = await cloud.exec(machine, [
      "curl",
      "-sS",
      "--noproxy",
      "",
      "-p",
      `http://127.0.0.2:${port}/`,
    ]);
    expect(body.stdout).toBe("outside");
  });

  it("is the only one", async ({ expect }) => {
    const { body } = await cloud.exec(machine, [
      "curl",
      "-sS",
      "--noproxy",
      "*",
      "-m",
      "2",
      `http://127.0.0.1:${port}/`,
    ]);
    expect(body.exit_code).toBe(7);
  });
});
