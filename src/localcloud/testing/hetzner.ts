/** Hetzner's API of a cloud of its own, driven over HTTP like any client does. */
import { type Answer, eventually, TestCloud } from "./harness.ts";

const TOKEN = "test-token";

export interface ServerOptions {
  name?: string;
  user_data?: string;
  volumes?: number[];
  firewalls?: { firewall: number }[];
  [key: string]: unknown;
}

export class TestHetzner {
  readonly cloud: TestCloud;
  private count = 0;

  constructor(cloud: TestCloud) {
    this.cloud = cloud;
  }

  static async start(...options: Parameters<typeof TestCloud.start>): Promise<TestHetzner> {
    return new TestHetzner(await TestCloud.start(...options));
  }

  close(): Promise<void> {
    return this.cloud.close();
  }

  async call(method: string, path: string, body?: unknown, token: string | null = TOKEN): Promise<Answer> {
    const base = this.cloud.cloud.hetznerUrl;
    const response = await fetch(path.startsWith("/_") ? base.replace(/\/v1$/, path) : base + path, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  create({ name = `server-${++this.count}`, ...more }: ServerOptions = {}): Promise<Answer> {
    return this.call("POST", "/servers", {
      name,
      server_type: "cx23",
      image: "debian-12",
      location: "fsn1",
      ...more,
    });
  }

  /** A server that is on. */
  async server(options: ServerOptions = {}): Promise<number> {
    const { status, body } = await this.create(options);
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
    await this.settled(body);
    return body.server.id;
  }

  async volume(name = `volume-${++this.count}`): Promise<number> {
    const { body } = await this.call("POST", "/volumes", {
      name,
      size: 10,
      location: "fsn1",
      format: "ext4",
    });
    await this.settled(body);
    return body.volume.id;
  }

  async firewall(): Promise<number> {
    const { body } = await this.call("POST", "/firewalls", { name: `firewall-${++this.count}`, rules: [] });
    return body.firewall.id;
  }

  /** Until everything that the answer set going is over. @returns how each ended. */
  async settled({ action, next_actions = [] }: Answer["body"]): Promise<string[]> {
    const ids: number[] = [action, ...next_actions].map(({ id }) => id);
    const ask = async (): Promise<string[]> => {
      const query = ids.map((id) => `id=${id}`).join("&");
      const { body } = await this.call("GET", `/actions?${query}`);
      return body.actions.map(({ status }: { status: string }) => status);
    };
    await eventually(async () => !(await ask()).includes("running"));
    return ask();
  }

  async act(id: number, action: string): Promise<Answer> {
    const answer = await this.call("POST", `/servers/${id}/actions/${action}`);
    if (answer.status < 300) await this.settled(answer.body);
    return answer;
  }

  async status(id: number): Promise<string> {
    const { status, body } = await this.call("GET", `/servers/${id}`);
    return status === 200 ? body.server.status : `${status}`;
  }

  async reach(id: number, status: string): Promise<void> {
    await eventually(async () => (await this.status(id)) === status);
  }

  fault(rule: object): Promise<Answer> {
    return this.call("POST", "/_control/faults", rule);
  }
}
