/** Connectors come and go: real processes, real connections. */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request, type ServerResponse } from "node:http";
import { createServer, connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { eventually } from "../testing/harness.ts";
import {
  type Connector,
  configure,
  connected,
  connectionsOf,
  end,
  newTunnel,
  type Service,
  startConnector,
  startService,
  type TestTunnel,
} from "./testing/connector.ts";
import { ACCOUNT, newSecret, TestCloudflare } from "./testing/vendor.ts";

let cloudflare: TestCloudflare;
let service: Service;
let dir: string;
let held: ServerResponse[] = [];
const started: Connector[] = [];

beforeAll(async () => {
  cloudflare = await TestCloudflare.start();
  dir = await mkdtemp(join(tmpdir(), "connectors-test-"));
  service = await startService((incoming, response) => {
    if (incoming.url === "/hold") {
      response.write("held ");
      held.push(response);
    } else response.end(`served ${incoming.headers.host}`);
  });
  const sockets = new WebSocketServer({ server: service.server });
  sockets.on("connection", (socket) => socket.send("hello"));
});
afterEach(async () => {
  for (const response of held) response.end();
  held = [];
  await Promise.all(started.splice(0).map((connector) => end(connector, "SIGKILL")));
});
afterAll(async () => {
  await service.close();
  await cloudflare.close();
  await rm(dir, { recursive: true });
});

function connect(
  { token }: { token: string },
  env: Record<string, string> = {},
  args: string[] = [],
): Connector {
  const connector = startConnector(
    { TUNNEL_TOKEN: token, TUNNEL_EDGE: cloudflare.vendor.tunnelEdge, ...env },
    args,
  );
  started.push(connector);
  return connector;
}

async function get({ host }: { host: string }, path = "/"): Promise<{ status: number; text: string }> {
  const response = await fetch(`${cloudflare.vendor.tunnelUrl}/${host}${path}`);
  return { status: response.status, text: await response.text() };
}
const serving = ({ host }: TestTunnel) => ({ status: 200, text: `served ${host}` });
const local = () => `http://localhost:${service.port}`;
const statusOf = async ({ id }: TestTunnel) => (await cloudflare.tunnels("GET", `/${id}`)).body.result.status;

/** A request that the service has begun to answer and does not finish. */
async function hold({ host }: TestTunnel): Promise<{ text: Promise<string> }> {
  const before = held.length;
  const text = new Promise<string>((resolve, reject) => {
    request(`${cloudflare.vendor.tunnelUrl}/${host}/hold`, async (answer) => {
      try {
        let all = "";
        for await (const part of answer) all += part;
        resolve(all);
      } catch (error) {
        reject(error);
      }
    })
      .on("error", reject)
      .end();
  });
  text.catch(() => {});
  await eventually(() => held.length > before);
  return { text };
}

describe("the edge", () => {
  it("knows no host without a record, and says 1033 where no connector is", async ({ expect }) => {
    expect(await get({ host: "nowhere.example.com" })).toMatchObject({
      status: 530,
      text: expect.stringContaining("1016"),
    });
    const tunnel = await newTunnel(cloudflare, local());
    expect(await get(tunnel)).toMatchObject({ status: 530, text: expect.stringContaining("1033") });
    const socket = new WebSocket(`${cloudflare.vendor.tunnelUrl.replace("http", "ws")}/${tunnel.host}/`);
    const refused = await new Promise<number | undefined>((resolve) =>
      socket.once("unexpected-response", (_, answer) => resolve(answer.statusCode)),
    );
    expect(refused).toBe(530);
    expect((await fetch(cloudflare.vendor.tunnelUrl)).status).toBe(404);
  });

  it("closes what connects and does not register, and goes on", async ({ expect }) => {
    const [host = "", port] = cloudflare.vendor.tunnelEdge.split(":");
    const stranger = dial({ host, port: Number(port) });
    const closed = new Promise((resolve) => stranger.once("close", resolve));
    stranger.on("error", () => {}).resume();
    stranger.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await closed;
    const tunnel = await newTunnel(cloudflare, local());
    connect(tunnel);
    await connected(cloudflare, tunnel.id);
    expect(await get(tunnel)).toEqual(serving(tunnel));
  });
});

describe("a connector", () => {
  it("serves, and its going and coming shows", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    expect(await statusOf(tunnel)).toBe("inactive");
    const first = connect(tunnel);
    await connected(cloudflare, tunnel.id);
    expect(await statusOf(tunnel)).toBe("healthy");
    expect(await get(tunnel)).toEqual(serving(tunnel));

    const { text } = await hold(tunnel);
    await end(first, "SIGKILL");
    await expect(text).rejects.toThrow();
    await eventually(async () => (await statusOf(tunnel)) === "down");
    expect((await get(tunnel)).status).toBe(530);

    connect(tunnel);
    await connected(cloudflare, tunnel.id);
    expect(await get(tunnel)).toEqual(serving(tunnel));
  });

  it("takes its token as an argument, and refuses what is none", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    connect({ token: "" }, {}, ["--token", tunnel.token]);
    await connected(cloudflare, tunnel.id);
    const broken = connect({ token: "rubbish" });
    expect(await broken.ended).toBe(1);
    expect(broken.log()).toContain("Provided Tunnel token is not valid.");
  });

  it("with a wrong secret is refused, and says neither secret", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    const wrong = newSecret();
    const token = btoa(JSON.stringify({ a: ACCOUNT, s: wrong, t: tunnel.id }));
    const connector = connect({ token });
    await eventually(() => connector.log().includes("Unauthorized: Invalid tunnel secret"));
    // It asks again, for ever, because a secret may be put right.
    await eventually(() => connector.log().split("Invalid tunnel secret").length > 3);
    expect(await connectionsOf(cloudflare, tunnel.id)).toEqual([]);
    for (const secret of [wrong, tunnel.secret, token]) expect(connector.log()).not.toContain(secret);
    await cloudflare.tunnels("PATCH", `/${tunnel.id}`, { tunnel_secret: wrong });
    await connected(cloudflare, tunnel.id);
    expect(await get(tunnel)).toEqual(serving(tunnel));
  });

  it("changes its rules while it serves", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    connect(tunnel);
    await connected(cloudflare, tunnel.id);
    const [before] = await connectionsOf(cloudflare, tunnel.id);
    const { text } = await hold(tunnel);
    const applied = (version: number) =>
      eventually(async () => (await connectionsOf(cloudflare, tunnel.id))[0]?.version === version);
    await configure(cloudflare, tunnel.id, tunnel.host, "http_status:418");
    await applied(2);
    expect((await get(tunnel)).status).toBe(418);
    await configure(cloudflare, tunnel.id, "another.example.com", local());
    await applied(3);
    expect((await get(tunnel)).status).toBe(404);
    // What had begun under other rules is finished.
    for (const response of held) response.end("and done");
    expect(await text).toBe("held and done");
    expect((await connectionsOf(cloudflare, tunnel.id))[0]?.id).toBe(before?.id);
  });

  it("answers 502 for a service that refuses, and serves as soon as it does not", async ({ expect }) => {
    const spare = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => spare.once("listening", resolve));
    const { port } = spare.address() as { port: number };
    await new Promise((resolve) => spare.close(resolve));
    const tunnel = await newTunnel(cloudflare, `http://localhost:${port}`);
    connect(tunnel);
    await connected(cloudflare, tunnel.id);
    expect((await get(tunnel)).status).toBe(502);
    const late = await startService((_, response) => response.end("late"));
    await configure(cloudflare, tunnel.id, tunnel.host, `http://localhost:${late.port}`);
    await eventually(async () => (await get(tunnel)).text === "late");
    await late.close();
  });

  it("carries an upload that is over before its service is found", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    // A pipe instead of a file: who reads it waits until somebody writes.
    const map = join(dir, "slow-map");
    await promisify(execFile)("mkfifo", [map]);
    connect(tunnel, { GENTITY_PORT_MAP: map });
    await connected(cloudflare, tunnel.id);
    const outgoing = request(`${cloudflare.vendor.tunnelUrl}/${tunnel.host}/`, { method: "POST" });
    const answered = new Promise((resolve) =>
      outgoing.once("response", (answer) => resolve(answer.statusCode)),
    );
    outgoing.setHeader("transfer-encoding", "chunked");
    outgoing.end();
    // Long enough for the end of nothing to arrive; were it too short, the test would only show less.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await writeFile(map, "{}");
    expect(await answered).toBe(200);
  });

  it("finds a service's port in the map, also when the map changes", async ({ expect }) => {
    const map = join(dir, "ports.json");
    const tunnel = await newTunnel(cloudflare, "http://localhost:3000");
    connect(tunnel, { GENTITY_PORT_MAP: map });
    await connected(cloudflare, tunnel.id);
    await writeFile(map, JSON.stringify({ "3000": 1 }));
    expect((await get(tunnel)).status).toBe(502);
    await writeFile(map, JSON.stringify({ "3000": service.port }));
    expect(await get(tunnel)).toEqual(serving(tunnel));
  });

  it("that is asked to end takes nothing new, finishes what it has, and exits with 0", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    const connector = connect(tunnel);
    await connected(cloudflare, tunnel.id);
    const { text } = await hold(tunnel);
    connector.child.kill("SIGTERM");
    await eventually(() => connector.log().includes("Unregistered tunnel connection"));
    expect((await get(tunnel)).status).toBe(530);
    for (const response of held) response.end("and done");
    expect(await text).toBe("held and done");
    expect(await connector.ended).toBe(0);
  });

  it("gives a request under way no longer than its grace", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    const connector = connect(tunnel, { TUNNEL_GRACE_PERIOD: "0.1" });
    await connected(cloudflare, tunnel.id);
    const { text } = await hold(tunnel);
    expect(await end(connector)).toBe(0);
    await expect(text).rejects.toThrow();
  });

  it("comes back to an edge that was away, with all rules as they were", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    connect(tunnel);
    await connected(cloudflare, tunnel.id);
    await cloudflare.restart();
    await connected(cloudflare, tunnel.id);
    expect(await get(tunnel)).toEqual(serving(tunnel));
  });

  it("shares its tunnel with others, and any of them may go", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    const connectors = [connect(tunnel), connect(tunnel), connect(tunnel)];
    await connected(cloudflare, tunnel.id, 3);
    for (const [index, connector] of connectors.entries()) {
      expect(await get(tunnel)).toEqual(serving(tunnel));
      await end(connector);
      await connected(cloudflare, tunnel.id, 2 - index);
    }
    expect((await get(tunnel)).status).toBe(530);
  });

  it("that dies takes its WebSockets along", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    const connector = connect(tunnel);
    await connected(cloudflare, tunnel.id);
    const socket = new WebSocket(`${cloudflare.vendor.tunnelUrl.replace("http", "ws")}/${tunnel.host}/`);
    socket.on("error", () => {});
    expect(await new Promise((resolve) => socket.once("message", (data) => resolve(String(data))))).toBe(
      "hello",
    );
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await end(connector, "SIGKILL");
    expect(await closed).toBe(1006);
  });
});

describe("a tunnel with a live connector", () => {
  it("is not deleted by accident, and stays deleted once its connections were cleaned", async ({
    expect,
  }) => {
    const tunnel = await newTunnel(cloudflare, local());
    const connector = connect(tunnel);
    await connected(cloudflare, tunnel.id);
    const refused = await cloudflare.tunnels("DELETE", `/${tunnel.id}`);
    expect([refused.status, refused.body.errors[0].code]).toEqual([400, 1022]);
    expect(await get(tunnel)).toEqual(serving(tunnel));
    await cloudflare.tunnels("DELETE", `/${tunnel.id}/connections`);
    expect((await cloudflare.tunnels("DELETE", `/${tunnel.id}`)).status).toBe(200);
    await eventually(() => connector.log().includes("Unauthorized: Tunnel not found"));
    expect(await get(tunnel)).toMatchObject({ status: 530, text: expect.stringContaining("1033") });
  });

  it("comes back when its connections are cleaned and it is not deleted", async ({ expect }) => {
    const tunnel = await newTunnel(cloudflare, local());
    connect(tunnel);
    await connected(cloudflare, tunnel.id);
    const [before] = await connectionsOf(cloudflare, tunnel.id);
    await cloudflare.tunnels("DELETE", `/${tunnel.id}/connections`);
    await eventually(async () => {
      const [now] = await connectionsOf(cloudflare, tunnel.id);
      return now !== undefined && now.id !== before?.id;
    });
    expect(await get(tunnel)).toEqual(serving(tunnel));
  });
});
