/** The whole product as a newcomer starts it: the launcher, the command line, and what a browser or a vendor would say. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  environment,
  type Home,
  MAIN,
  makeHome,
  type RunResult,
  runCli,
} from "../../src/cli/testing/run-cli.ts";
import { isFree, type LocalPorts, type LocalSecrets } from "../../src/dev/state.ts";
import { removeTree } from "../../src/localcloud/runtime/remove-tree.ts";
import { deriveOriginLabel } from "../../src/providers/hetzner/derive.ts";
import { alive, family } from "./processes.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../src/dev/main.ts");
const READY = /Gentity Compute runs at/;

export interface Local {
  apiUrl: string;
  token: string;
  cloudUrl: string;
  cloudToken: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  // Each test looks at what it is about.
  body: any;
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

interface Asked {
  headers?: Record<string, string>;
  body?: unknown;
}

export const AIDER = { agentType: "aider", modelProvider: "openai", modelName: "gpt-4o", apiKey: "sk-test" };
export const AS_BROWSER = { accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" };

/** Asks until there is an answer, for a bounded time; less often after a while, or the API's own limit is met. */
export async function until<T>(
  what: string | (() => string),
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 45_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 50; ; pauseMs = Math.min(500, pauseMs * 1.05)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      throw new Error(`waited in vain for ${typeof what === "string" ? what : what()}`);
    }
    await new Promise((done) => setTimeout(done, pauseMs));
  }
}

const PORTS_OF_A_STACK = 9;

export function newStateDir(): string {
  return mkdtempSync(join(tmpdir(), "gentity-e2e-"));
}

/** What each of the test files that run at once has of the ports, so that none takes another's before it is bound. */
const STACKS_OF_A_WORKER = 700;
const WORKER = Number(process.env.VITEST_POOL_ID ?? 1) % 2;

/** With those after it, which the launcher takes too; below those that the system gives to whoever asks for any. */
export async function freePort(): Promise<number> {
  return until("free ports in a row", async () => {
    const stack = WORKER * STACKS_OF_A_WORKER + Math.floor(Math.random() * STACKS_OF_A_WORKER);
    const port = 20_000 + PORTS_OF_A_STACK * stack;
    const all = Array.from({ length: PORTS_OF_A_STACK }, (_, index) => port + index);
    const free = await Promise.all(all.map(isFree));
    return free.every(Boolean) && port;
  });
}

/** A launcher that may or may not come up. */
export class Launcher {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  output = "";

  constructor(args: readonly string[], state: string) {
    // A group of its own, as a terminal gives it one; and a mark that all it starts inherit.
    this.child = spawn(process.execPath, [LAUNCHER, ...args], {
      cwd: state,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: { ...process.env, GENTITY_E2E: state },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (data: Buffer) => {
        this.output += data.toString();
      });
    }
    this.ended = new Promise((done) => {
      this.child.once("close", (code, signal) => done({ code, signal }));
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @throws with all that it said when it ends before it is ready. */
  async ready(): Promise<void> {
    const failed = this.ended.then(({ code }) => {
      throw new Error(`the stack ended with ${code}:\n${this.output}`);
    });
    await Promise.race([until("the stack", () => READY.test(this.output), 90_000), failed]);
  }
}

export interface StackOptions {
  state?: string;
  port?: number;
  /** Vendors that it is to have no token of. */
  without?: readonly string[];
}

/** Vendors with an API of their own; the rest of the local cloud is Fly. */
export type OtherVendor = "hetzner" | "cloudflare" | "daytona";

export interface ServerHoldings {
  servers: string[];
  volumes: string[];
  firewalls: string[];
  tunnels: string[];
  records: string[];
}

export class Stack {
  readonly state: string;
  readonly port: number;
  readonly launcher: Launcher;
  readonly local: Local;
  readonly home: Home = makeHome();

  private constructor(launcher: Launcher, state: string, port: number) {
    this.launcher = launcher;
    this.state = state;
    this.port = port;
    this.local = JSON.parse(readFileSync(join(state, "local.json"), "utf8"));
  }

  static async start(options: StackOptions = {}): Promise<Stack> {
    const state = options.state ?? newStateDir();
    const port = options.port ?? (await freePort());
    const without = (options.without ?? []).flatMap((vendor) => ["--without", vendor]);
    const launcher = new Launcher(["--port", String(port), "--state", state, ...without], state);
    await launcher.ready();
    return new Stack(launcher, state, port);
  }

  /** Everything that belongs to it and is alive. */
  family() {
    return family(this.launcher.pid, [this.state]);
  }

  /** Ends it, and looks that nothing it started is left: no process, no port. */
  async stop(end: () => void = () => this.launcher.child.kill("SIGTERM")): Promise<Ending> {
    const before = this.family();
    end();
    const ending = await this.launcher.ended;
    await this.expectNothingLeft(before);
    return ending;
  }

  private async expectNothingLeft(before: ReturnType<typeof family>): Promise<void> {
    const left = () => [...alive(before), ...alive(this.family())];
    await until("every process to end", () => left().length === 0, 15_000).catch((error: Error) => {
      throw new Error(`${error.message}:\n${left().join("\n")}\n${this.launcher.output}`);
    });
    const ports: Record<string, number> = JSON.parse(readFileSync(join(this.state, "ports.json"), "utf8"));
    for (const port of [this.port, ...Object.values(ports)]) {
      if (!(await isFree(port))) throw new Error(`port ${port} is still open`);
    }
  }

  /** Ends it and forgets all that it kept. */
  async close(): Promise<void> {
    await this.stop();
    this.home.remove();
    await removeTree(this.state);
  }

  /** The real command line, to its end. */
  cli(args: readonly string[], stdin?: string | Buffer): Promise<RunResult> {
    return runCli(args, { home: this.home, env: this.cliEnv(), stdin });
  }

  /** The same by somebody else. */
  cliAs(token: string, args: readonly string[]): Promise<RunResult> {
    return runCli(args, {
      home: this.home,
      env: { GENTITY_API_URL: this.local.apiUrl, GENTITY_TOKEN: token },
    });
  }

  /** The same, and it must work. @returns what it printed. */
  async run(args: readonly string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await this.cli(args, stdin);
    if (code !== 0) throw new Error(`gentity ${args.join(" ")}: ${code}\n${stderr}\n${this.launcher.output}`);
    return stdout;
  }

  /** One that goes on by itself. */
  startCli(args: readonly string[]): { child: ChildProcess; output: () => string; ended: Promise<Ending> } {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.home.path,
      env: environment(this.home, this.cliEnv()),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        output += data.toString();
      });
    }
    const ended = new Promise<Ending>((done) => {
      child.once("close", (code, signal) => done({ code, signal }));
    });
    return { child, output: () => output, ended };
  }

  cliEnv(): Record<string, string> {
    return { GENTITY_STATE: this.state };
  }

  api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const authorization = `Bearer ${this.local.token}`;
    return ask(method, new URL(path, this.local.apiUrl), { body, headers: { authorization, ...headers } });
  }

  /** The local cloud as its owner sees it. */
  vendor(method: string, path: string, body?: unknown): Promise<Answer> {
    const authorization = `Bearer ${this.local.cloudToken}`;
    return ask(method, new URL(path, this.local.cloudUrl), { body, headers: { authorization } });
  }

  fault(rule: object): Promise<Answer> {
    return this.vendor("POST", "/_control/faults", rule);
  }

  private kept<T>(name: string): T {
    return JSON.parse(readFileSync(join(this.state, name), "utf8"));
  }

  /** The same of another vendor. */
  otherVendor(vendor: OtherVendor, method: string, path: string, body?: unknown): Promise<Answer> {
    const port = this.kept<LocalPorts>("ports.json")[`${vendor}Port`];
    const authorization = `Bearer ${this.local.cloudToken}`;
    return ask(method, new URL(path, `http://127.0.0.1:${port}`), { body, headers: { authorization } });
  }

  /** The name under which an instance's tunnel is reached, and nobody from outside reaches it. */
  originLabel(id: string): Promise<string> {
    return deriveOriginLabel(this.kept<LocalSecrets>("secrets.json").hostSecret, id);
  }

  /** What an instance on a server of its own has at its two vendors: ids, and of the records where they lead. */
  async serverHoldings(id: string): Promise<ServerHoldings> {
    const list = async (kind: string) =>
      (await this.otherVendor("hetzner", "GET", `/v1/${kind}?per_page=50`)).body[kind];
    const cloudflare = async (path: string) =>
      (await this.otherVendor("cloudflare", "GET", `/client/v4/${path}`)).body.result;
    const [label, servers, volumes, firewalls, tunnels, records] = await Promise.all([
      this.originLabel(id),
      ...["servers", "volumes", "firewalls"].map(list),
      cloudflare(`accounts/${"0".repeat(32)}/cfd_tunnel?is_deleted=false&per_page=50`),
      cloudflare(`zones/${"1".repeat(32)}/dns_records?per_page=50`),
    ]);
    const ids = (rows: { id: number | string; name: string }[]) =>
      rows.filter(({ name }) => name.includes(id)).map((row) => String(row.id));
    return {
      servers: ids(servers),
      volumes: ids(volumes),
      firewalls: ids(firewalls),
      tunnels: ids(tunnels),
      records: records
        .filter(({ name }: { name: string }) => name.startsWith(label))
        .map(({ content }: { content: string }) => content),
    };
  }

  /** An instance's page, as curl or a browser asks for it. */
  visit(subdomain: string, headers: Record<string, string> = {}, path = "/"): Promise<Answer> {
    const host = `${subdomain}.gentity.localhost:${this.port}`;
    return ask("GET", new URL(path, `http://127.0.0.1:${this.port}`), { headers: { host, ...headers } });
  }

  async create(over: object = {}): Promise<{ id: string; subdomain: string }> {
    const { status, body, text } = await this.api("POST", "/api/instances?wait=60", { ...AIDER, ...over });
    if (status !== 201 || body.status !== "running") throw new Error(`${status} ${text}`);
    return body;
  }

  async instance(id: string): Promise<any> {
    return (await this.api("GET", `/api/instances/${id}`)).body.instance;
  }

  async reach(id: string, status: string): Promise<any> {
    return until(`${id} to be ${status}`, async () => {
      const instance = await this.instance(id);
      return instance?.status === status && instance;
    });
  }

  /** A shell command on the instance; what it printed. */
  async exec(id: string, command: string): Promise<string> {
    const { status, body, text } = await this.api("POST", `/api/instances/${id}/exec`, { command });
    if (status !== 200 || body.exitCode !== 0) throw new Error(`${command}: ${status} ${text}`);
    return body.stdout;
  }

  /** What an instance has at the vendor; the vendor's own lists are the judge. */
  async holdings(id: string): Promise<{ apps: string[]; machines: string[]; volumes: string[] }> {
    const [apps, machines, volumes] = await Promise.all([
      this.vendor("GET", "/v1/apps?org_slug=personal"),
      this.vendor("GET", "/v1/orgs/personal/machines"),
      this.vendor("GET", "/v1/orgs/personal/volumes"),
    ]);
    const ofApp = ({ app_name }: { app_name: string }) => app_name.includes(id);
    const ids = (rows: { id: string; app_name: string }[]) => rows.filter(ofApp).map((row) => row.id);
    return {
      apps: apps.body.apps
        .map((app: { name: string }) => app.name)
        .filter((name: string) => name.includes(id)),
      machines: ids(machines.body.machines),
      volumes: ids(
        volumes.body.volumes.filter(({ state }: { state: string }) => state !== "pending_destroy"),
      ),
    };
  }
}

export const NOTHING = { apps: [], machines: [], volumes: [] };
export const NO_SERVER: ServerHoldings = {
  servers: [],
  volumes: [],
  firewalls: [],
  tunnels: [],
  records: [],
};

/** Node's `fetch` takes no host header and knows no `*.localhost`. */
export function ask(method: string, url: URL, { headers = {}, body }: Asked = {}): Promise<Answer> {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const type: Record<string, string> = text === undefined ? {} : { "content-type": "application/json" };
  return new Promise((done, fail) => {
    const outgoing = request(
      { hostname: "127.0.0.1", port: url.port, path: url.pathname + url.search, method, agent: false },
      async (answer) => {
        try {
          const parts: Buffer[] = [];
          for await (const part of answer) parts.push(part as Buffer);
          done(toAnswer(answer.statusCode ?? 0, answer.headers, Buffer.concat(parts).toString()));
        } catch (error) {
          fail(error);
        }
      },
    );
    for (const [name, value] of Object.entries({ host: url.host, ...type, ...headers })) {
      outgoing.setHeader(name, value);
    }
    outgoing.once("error", fail);
    outgoing.end(text);
  });
}

function toAnswer(status: number, headers: Answer["headers"], text: string): Answer {
  const isJson = String(headers["content-type"]).includes("application/json");
  return { status, headers, text, body: isJson && text !== "" ? JSON.parse(text) : undefined };
}
