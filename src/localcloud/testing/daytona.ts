/** Daytona's two APIs of a cloud under test, driven over HTTP like any client does. */
import type { LocalCloud } from "../server.ts";
import type { Answer } from "./harness.ts";

export interface TestSandbox {
  id: string;
  name: string;
}

/** A container whose entrypoint does nothing, and ends when asked to. */
export const IDLE_IMAGE = {
  dockerfileContent: 'FROM debian:12\nENTRYPOINT ["/bin/sh","-c","exec sleep infinity"]\n',
};

export class TestDaytona {
  private readonly cloud: () => LocalCloud;
  private count = 0;

  constructor(cloud: () => LocalCloud) {
    this.cloud = cloud;
  }

  private async request(method: string, url: string, body?: unknown, headers = {}): Promise<Answer> {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.cloud().token}`,
        "content-type": "application/json",
        "x-daytona-sdk-version": "0.190.0",
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : isJson ? JSON.parse(text) : text,
    };
  }

  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.request(method, `${this.cloud().daytonaUrl}${path}`, body, headers);
  }

  control(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.request(method, `${new URL(this.cloud().daytonaUrl).origin}/_control${path}`, body);
  }

  toolbox(
    { id }: TestSandbox,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer> {
    const base = this.cloud().daytonaToolboxUrl.replace("{id}", id);
    return this.request(method, `${base}${path}`, body, headers);
  }

  create(more: object = {}): Promise<Answer> {
    this.count += 1;
    const name = `box-${this.count}`;
    return this.call("POST", "/sandbox", { name, buildInfo: IDLE_IMAGE, autoStopInterval: 0, ...more });
  }

  async sandbox(more: object = {}): Promise<TestSandbox> {
    const { status, body } = await this.create(more);
    if (status !== 200) throw new Error(JSON.stringify(body));
    await this.reach(body, "started");
    return body;
  }

  async reach({ id }: TestSandbox, state: string): Promise<void> {
    for (;;) {
      const { body } = await this.call("GET", `/sandbox/${id}`);
      if (body.state === state) return;
      if (body.state === "error" || body.state === "build_failed") throw new Error(JSON.stringify(body));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async act(sandbox: TestSandbox, action: string, state: string): Promise<void> {
    const { status, body } = await this.call("POST", `/sandbox/${sandbox.id}/${action}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    await this.reach(sandbox, state);
  }

  async sh(sandbox: TestSandbox, command: string): Promise<string> {
    const { body } = await this.toolbox(sandbox, "POST", "/process/execute", { command });
    return body.result;
  }
}
