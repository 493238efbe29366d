import { request } from "node:http";
import { afterAll, beforeAll, describe, it } from "vitest";
import { WebSocket } from "ws";
import { eventually, IDLE, PROBE_SERVICE, TestCloud, type TestMachine } from "../../testing/harness.ts";

let cloud: TestCloud;
let machine: TestMachine;
beforeAll(async () => {
  cloud = await TestCloud.start();
  machine = await cloud.probe(await cloud.app());
});
afterAll(() => cloud.close());

const to = ({ id }: TestMachine) => ({ "fly-force-instance-id": id });

describe("the edge", () => {
  it("finds a machine by its id and by its app's host", async ({ expect }) => {
    const byId = await cloud.proxy("/echo", { headers: to(machine) });
    expect(JSON.parse(byId.text).host).toBe(machine.id);
    for (const domain of ["fly.dev", "localhost"]) {
      const byHost = await cloud.proxy("/echo?a=1", { headers: { host: `${machine.app}.${domain}` } });
      expect(JSON.parse(byHost.text)).toMatchObject({ host: machine.id, url: "/echo?a=1" });
    }
  });

  it("lets two machines listen on the same port", async ({ expect }) => {
    const second = await cloud.probe(machine.app);
    const hosts = await Promise.all(
      [machine, second].map(
        async (one) => JSON.parse((await cloud.proxy("/echo", { headers: to(one) })).text).host,
      ),
    );
    expect(hosts).toEqual([machine.id, second.id]);
    await cloud.delete(second);
  });

  it("keeps Host and forwarding headers, and never passes on what is its own", async ({ expect }) => {
    const headers = {
      ...to(machine),
      host: `${machine.app}.fly.dev`,
      "x-forwarded-host": "cl-x.example.com",
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-proto": "https",
      "fly-client-ip": "6.6.6.6",
      "fly-region": "evil",
      cookie: "a=b",
    };
    const seen = JSON.parse((await cloud.proxy("/echo", { headers })).text).headers;
    expect(seen).toMatchObject({
      host: `${machine.app}.fly.dev`,
      "x-forwarded-host": "cl-x.example.com",
      "x-forwarded-for": "203.0.113.9",
      "x-forwarded-proto": "https",
      "fly-client-ip": "127.0.0.1",
      cookie: "a=b",
    });
    expect(seen).not.toHaveProperty("fly-region");
    expect(seen).not.toHaveProperty("fly-force-instance-id");
  });

  it("passes status and body through, whatever the method", async ({ expect }) => {
    expect((await cloud.proxy("/status/418", { headers: to(machine) })).status).toBe(418);
    const body = "x".repeat(3_000_000);
    const echoed = await cloud.proxy("/body", { method: "PUT", headers: to(machine), body });
    expect(echoed.text === body).toBe(true);
  });

  it("hands on each event as it comes, not the whole at the end", async ({ expect }) => {
    const { hostname, port } = new URL(cloud.cloud.proxyUrl);
    const parts: string[] = [];
    await new Promise<void>((resolve) => {
      request({ hostname, port, path: "/slow", headers: to(machine) }, (answer) => {
        answer.on("data", (part: Buffer) => {
          parts.push(part.toString());
          // The stream has no end: only a proxy that does not wait for one gets here.
          if (parts.join("").length >= 10) answer.destroy();
        });
        answer.on("close", resolve);
      }).end();
    });
    expect(parts.join("")).toMatch(/^drop\ndrop\n/);
    await eventually(async () => (await cloud.logs(machine.app)).includes("drip: the client left"));
    const sse = await cloud.proxy("/sse", { headers: to(machine) });
    expect([sse.headers["content-type"], sse.text]).toEqual([
      "text/event-stream",
      "data: 1\n\ndata: 2\n\ndata: 3\n\n",
    ]);
  });

  it("carries WebSockets, text and binary, until one side closes", async ({ expect }) => {
    const socket = new WebSocket(`${cloud.cloud.proxyUrl.replace("http", "ws")}/ws`, {
      headers: to(machine),
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const answer = () =>
      new Promise((resolve) => socket.once("message", (data, isBinary) => resolve([String(data), isBinary])));
    const first = answer();
    socket.send("text");
    expect(await first).toEqual(["text", false]);
    const second = answer();
    socket.send(Buffer.from("bytes"));
    expect(await second).toEqual(["bytes", true]);
    socket.close(4001);
    expect(await new Promise((resolve) => socket.once("close", resolve))).toBe(4001);
  });

  it("closes a WebSocket when its machine goes", async ({ expect }) => {
    const doomed = await cloud.probe(machine.app);
    const socket = new WebSocket(`${cloud.cloud.proxyUrl.replace("http", "ws")}/ws`, { headers: to(doomed) });
    await new Promise((resolve) => socket.once("open", resolve));
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await cloud.delete(doomed);
    expect(await closed).toBe(1006);
  });
});

describe("the edge refuses", () => {
  it("apps without a public address, and machines without a service, with 404", async ({ expect }) => {
    const hidden = await cloud.app(false);
    const inside = await cloud.machine(hidden, { services: [PROBE_SERVICE], init: {} });
    expect((await cloud.proxy("/", { headers: to(inside) })).status).toBe(404);
    const silent = await cloud.machine(machine.app);
    expect((await cloud.proxy("/", { headers: to(silent) })).status).toBe(404);
    expect((await cloud.proxy("/", { headers: { host: "nowhere.fly.dev" } })).status).toBe(404);
    expect((await cloud.proxy("/", { headers: { "fly-force-instance-id": "0123456789abcd" } })).status).toBe(
      404,
    );
  });

  it("a machine of another app than the host names", async ({ expect }) => {
    const other = await cloud.app();
    const headers = { ...to(machine), host: `${other}.fly.dev` };
    expect((await cloud.proxy("/", { headers })).status).toBe(404);
  });

  it("a port that does not answer, with 502, and a machine that is not started, with 503", async ({
    expect,
  }) => {
    const deaf = await cloud.machine(machine.app, { init: IDLE, services: [PROBE_SERVICE] });
    const silent = await cloud.proxy("/", { headers: to(deaf) });
    expect([silent.status, silent.headers["content-type"]]).toEqual([502, "text/plain"]);
    await cloud.act(deaf, "suspend", "suspended");
    expect((await cloud.proxy("/", { headers: to(deaf) })).status).toBe(503);
    await cloud.act(deaf, "stop", "stopped");
    expect((await cloud.proxy("/", { headers: to(deaf) })).status).toBe(503);
    await cloud.delete(deaf);
  });

  it("a cordoned machine, until it is not any more", async ({ expect }) => {
    await cloud.act(machine, "cordon");
    expect((await cloud.proxy("/", { headers: to(machine) })).status).toBe(503);
    await cloud.act(machine, "uncordon");
    expect((await cloud.proxy("/", { headers: to(machine) })).status).toBe(200);
  });

  it("to wait: unless the service says autostart, which holds the request until it is served", async ({
    expect,
  }) => {
    const sleepy = await cloud.probe(await cloud.app(), {
      services: [{ ...PROBE_SERVICE, autostart: true }],
    });
    await cloud.act(sleepy, "suspend", "suspended");
    expect((await cloud.proxy("/", { headers: to(sleepy) })).text).toBe("ok");
    await cloud.act(sleepy, "stop", "stopped");
    expect((await cloud.proxy("/", { headers: { host: `${sleepy.app}.fly.dev` } })).text).toBe("ok");
    expect(await cloud.state(sleepy)).toBe("started");
  });
});
