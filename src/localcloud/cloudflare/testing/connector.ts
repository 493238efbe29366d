/** The connector as a process of its own, and a service behind it. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { eventually } from "../../testing/harness.ts";
import { type Body, newSecret, type TestCloudflare, ZONE_NAME } from "./vendor.ts";

const BINARY = fileURLToPath(new URL("../bin/cloudflared", import.meta.url));

export interface Connector {
  child: ChildProcess;
  /** All that it wrote so far. */
  log(): string;
  ended: Promise<number | null>;
}

export function startConnector(env: Record<string, string>, args: string[] = []): Connector {
  const child = spawn(BINARY, ["tunnel", "--no-autoupdate", "run", ...args], {
    env: { PATH: process.env.PATH, GENTITY_NODE: process.execPath, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (part) => {
    text += part;
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { child, log: () => text, ended };
}

export interface TestTunnel {
  id: string;
  secret: string;
  host: string;
  token: string;
}

let count = 0;

/** A tunnel with a name in the zone, whose rules lead to `service`. */
export async function newTunnel(cloudflare: TestCloudflare, service: string): Promise<TestTunnel> {
  count += 1;
  const host = `o-${count}.${ZONE_NAME}`;
  const secret = newSecret();
  const made = await cloudflare.tunnels("POST", "", {
    name: `tunnel-${count}`,
    config_src: "cloudflare",
    tunnel_secret: secret,
  });
  const { id, token } = made.body.result;
  await configure(cloudflare, id, host, service);
  await cloudflare.records("POST", "", {
    type: "CNAME",
    name: host,
    content: `${id}.cfargotunnel.com`,
    proxied: true,
  });
  return { id, secret, host, token };
}

export function configure(cloudflare: TestCloudflare, id: string, host: string, service: string) {
  const ingress = [{ hostname: host, service }, { service: "http_status:404" }];
  return cloudflare.tunnels("PUT", `/${id}/configurations`, { config: { ingress } });
}

/** One for each connection, whosesoever. */
export async function connectionsOf(
  cloudflare: TestCloudflare,
  id: string,
): Promise<{ id: string; version: number }[]> {
  const { body } = await cloudflare.tunnels("GET", `/${id}/connections`);
  return body.result.map((connector: Body) => ({
    id: connector.conns[0].id,
    version: connector.config_version,
  }));
}

/** So many connectors are there, and every one has the rules that hold. */
export async function connected(cloudflare: TestCloudflare, id: string, connectors = 1): Promise<void> {
  const { body } = await cloudflare.tunnels("GET", `/${id}/configurations`);
  await eventually(async () => {
    const list = await connectionsOf(cloudflare, id);
    return list.length === connectors && list.every(({ version }) => version === body.result.version);
  });
}

export interface Service {
  port: number;
  server: Server;
  close(): Promise<void>;
}

export async function startService(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Service> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function end(connector: Connector, signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
  connector.child.kill(signal);
  return connector.ended;
}
