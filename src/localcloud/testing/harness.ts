/** A cloud of its own for each test file, driven over HTTP like any client does. */
import { mkdtemp } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MachineConfig } from "../fly/config.ts";
import { removeTree } from "../runtime/remove-tree.ts";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "../server.ts";

const TOKEN = "test-token";
/** What a Docker engine of the developer's happens to have is no part of a test. */
const BASICS = { token: TOKEN, dockerHost: false } as const;

export interface Answer {
  status: number;
  headers: Headers;
  // Bodies are what the vendor says they are; each test looks at what it is about.
  // biome-ignore lint/suspicious/noExplicitAny: the shape differs from call to call.
  body: any;
}

export interface ProxyAnswer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

export type MachineOptions = {
  name?: string;
  region?: string;
  skip_launch?: boolean;
} & Partial<MachineConfig>;

export interface TestMachine {
  id: string;
  app: string;
  path: string;
  instanceId: string;
}

export const PROBE_SERVICE = {
  protocol: "tcp",
  internal_port: 8080,
  ports: [{ port: 443, handlers: ["tls", "http"] }],
};

/** A machine that does nothing, and ends when asked to. */
export const IDLE = { exec: ["/bin/sh", "-c", "trap 'exit 0' INT TERM; while :; do sleep 0.05; done"] };

export class TestCloud {
  cloud: LocalCloud;
  readonly stateDir: string;
  private readonly options: Partial<LocalCloudOptions>;
  private count = 0;

  private constructor(cloud: LocalCloud, stateDir: string, options: Partial<LocalCloudOptions>) {
    this.cloud = cloud;
    this.stateDir = stateDir;
    this.options = options;
  }

  static async start(options: Partial<LocalCloudOptions> = {}): Promise<TestCloud> {
    const stateDir = await mkdtemp(join(tmpdir(), "localcloud-test-"));
    const cloud = await startLocalCloud({ stateDir, ...BASICS, ...options });
    return new TestCloud(cloud, stateDir, options);
  }

  /** Ends the cloud and starts it again over the same folder. */
  async restart(): Promise<void> {
    await this.cloud.close();
    this.cloud = await startLocalCloud({ stateDir: this.stateDir, ...BASICS, ...this.options });
  }

  async close(): Promise<void> {
    await this.cloud.close();
    await removeTree(this.stateDir);
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.cloud.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  /** A fresh app, with a public address unless told otherwise. */
  async app(isPublic = true): Promise<string> {
    this.count += 1;
    const name = `app-${this.count}`;
    await this.call("POST", "/v1/apps", { name, org_slug: "personal", network: `net-${this.count}` });
    if (isPublic) await this.call("POST", `/v1/apps/${name}/ip_assignments`, { type: "shared_v4" });
    return name;
  }

  async volume(app: string, region = "iad"): Promise<string> {
    const { body } = await this.call("POST", `/v1/apps/${app}/volumes`, { name: "data", region, size_gb: 1 });
    return body.id;
  }

  create(app: string, { name, region, skip_launch, ...config }: MachineOptions = {}): Promise<Answer> {
    return this.call("POST", `/v1/apps/${app}/machines`, {
      name,
      region,
      skip_launch,
      config: { image: "gentity/probe:1", init: IDLE, ...config },
    });
  }

  async machine(app: string, options: MachineOptions = {}): Promise<TestMachine> {
    const { status, body } = await this.create(app, options);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    const machine = {
      id: body.id,
      app,
      path: `/v1/apps/${app}/machines/${body.id}`,
      instanceId: body.instance_id,
    };
    if (!options.skip_launch) await this.reach(machine, "started");
    return machine;
  }

  /** A machine running the probe, whose port answers. */
  async probe(app: string, options: MachineOptions = {}): Promise<TestMachine> {
    const machine = await this.machine(app, { init: {}, services: [PROBE_SERVICE], ...options });
    await this.answers(machine);
    return machine;
  }

  async answers(machine: TestMachine): Promise<void> {
    for (;;) {
      const { status } = await this.proxy("/", { headers: { "fly-force-instance-id": machine.id } });
      if (status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async reach(machine: TestMachine, state: string): Promise<Answer> {
    const answer = await this.call(
      "GET",
      `${machine.path}/wait?state=${state}&timeout=60&instance_id=${await this.version(machine)}`,
    );
    if (answer.status !== 200) throw new Error(`${state}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  }

  private async version({ path }: TestMachine): Promise<string> {
    return (await this.call("GET", path)).body.instance_id;
  }

  async act(machine: TestMachine, action: string, state?: string, body?: unknown): Promise<Answer> {
    const answer = await this.call("POST", `${machine.path}/${action}`, body);
    if (answer.status === 200 && state) await this.reach(machine, state);
    return answer;
  }

  async state({ path }: TestMachine): Promise<string> {
    return (await this.call("GET", path)).body.state;
  }

  exec(machine: TestMachine, command: string[] | string, more: object = {}): Promise<Answer> {
    const argv = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
    return this.call("POST", `${machine.path}/exec`, { command: argv, ...more });
  }

  async delete(machine: TestMachine): Promise<void> {
    await this.call("DELETE", `${machine.path}?force=true`);
    await this.reach(machine, "destroyed");
  }

  fault(rule: object): Promise<Answer> {
    return this.call("POST", "/_control/faults", rule);
  }

  async logs(app: string): Promise<string[]> {
    const { body } = await this.call("GET", `/api/v1/apps/${app}/logs`);
    return body.data.map((line: { attributes: { message: string } }) => line.attributes.message);
  }

  proxy(
    path: string,
    {
      headers = {},
      method = "GET",
      body,
    }: { headers?: Record<string, string>; method?: string; body?: string } = {},
  ): Promise<ProxyAnswer> {
    const { hostname, port } = new URL(this.cloud.proxyUrl);
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, path, method, headers }, async (answer) => {
        const parts: Buffer[] = [];
        for await (const part of answer) parts.push(part as Buffer);
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(parts).toString(),
        });
      });
      outgoing.once("error", reject);
      outgoing.end(body);
    });
  }
}

/** Asks again until it is so; the test's own time limit ends what never comes. */
export async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
