/** The real Worker on workerd, and the vendors as the local cloud plays them; only the servers are ours to run. */
import { request } from "node:http";
import { join, resolve } from "node:path";
import { type ControlPlane, startControlPlane } from "../../src/dev/control-plane.ts";
import { isFree, type LocalSecrets, loadSecrets } from "../../src/dev/state.ts";
import { type LocalCloud, startLocalCloud } from "../../src/localcloud/server.ts";
import type { GivenServer } from "./disks.ts";
import { OUTSIDE } from "./machine.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ZONE = "gentity.localhost";

export interface Answer {
  status: number;
  text: string;
  // Each check looks at what it is about.
  body: any;
}

export class Deployment {
  readonly port: number;
  readonly secrets: LocalSecrets;
  private readonly cloud: LocalCloud;
  private readonly controlPlane: ControlPlane;

  private constructor(port: number, secrets: LocalSecrets, cloud: LocalCloud, controlPlane: ControlPlane) {
    this.port = port;
    this.secrets = secrets;
    this.cloud = cloud;
    this.controlPlane = controlPlane;
  }

  static async start(stateDir: string): Promise<Deployment> {
    let port = 20_000 + Math.floor(Math.random() * 10_000);
    while (!(await isFree(port))) port++;
    const secrets = loadSecrets(stateDir);
    const cloud = await startLocalCloud({
      stateDir: join(stateDir, "cloud"),
      token: secrets.cloudToken,
      zone: ZONE,
      servers: "external",
      dockerHost: false,
    });
    const controlPlane = await startControlPlane({
      root: ROOT,
      stateDir,
      port,
      cloud: { ...cloud, cloudUrl: cloud.url },
      without: ["fly", "daytona"],
      secrets,
      hostControlUrl: `http://${OUTSIDE}:${port}`,
      onCrash: () => console.error("the Workers runtime crashed and was restarted"),
    });
    return new Deployment(port, secrets, cloud, controlPlane);
  }

  /** As the machine's connector reaches it. */
  get tunnelEdge(): string {
    return `${OUTSIDE}:${this.cloud.tunnelEdge.split(":").at(-1)}`;
  }

  async close(): Promise<void> {
    await this.controlPlane.close();
    await this.cloud.close();
  }

  async api(method: string, path: string, body?: unknown, token = this.secrets.token): Promise<Answer> {
    return call(`${this.controlPlane.apiUrl}${path}`, method, token, body);
  }

  async instance(id: string): Promise<any> {
    return (await this.api("GET", `/api/instances/${id}`)).body.instance;
  }

  /** Through the public URL, as a visitor: Node's `fetch` takes no host header. */
  visit(subdomain: string): Promise<{ status: number; text: string }> {
    const headers = { host: `${subdomain}.${ZONE}:${this.port}` };
    return new Promise((done, fail) => {
      const asked = request(
        { host: "127.0.0.1", port: this.port, path: "/", headers, agent: false },
        (answer) => {
          let text = "";
          answer.on("data", (data: Buffer) => {
            text += data.toString();
          });
          answer.once("end", () => done({ status: answer.statusCode ?? 0, text }));
        },
      );
      asked.once("error", fail);
      asked.end();
    });
  }

  /** The instance's server at the vendor, by the name that tells it. */
  async server(instanceId: string): Promise<(GivenServer & { id: number; status: string }) | undefined> {
    const { servers } = (await this.vendor("GET", "/v1/servers")).body;
    const found = servers.find(({ name }: { name: string }) => name.includes(instanceId));
    return found && (await this.vendor("GET", `/_control/servers/${found.id}`)).body.server;
  }

  /** The vendor's API, and what plays its servers. */
  vendor(method: string, path: string): Promise<Answer> {
    const origin = new URL(this.cloud.hetznerUrl).origin;
    return call(`${origin}${path}`, method, this.secrets.cloudToken);
  }
}

async function call(url: string, method: string, token: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith("{") ? JSON.parse(text) : undefined };
}
