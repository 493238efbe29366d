import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { bundleWorker } from "../../src/dev/bundle.ts";
import { applyMigrations } from "../../src/dev/database.ts";
import { isFree } from "../../src/dev/state.ts";
import { newInstanceId } from "../../src/ids.ts";
import { deriveEnrolmentSecret } from "../../src/providers/hetzner/derive.ts";
import type { HostReport } from "../../src/providers/host-link.ts";
import type {
  ExecRequest,
  ExecResult,
  LogPage,
  MachineRecipe,
  Outcome,
} from "../../src/providers/provider.ts";
import { recipeContext, seal } from "../../src/secrets/seal.ts";

const ROOT = join(import.meta.dirname, "../..");
const HOST_SECRET = "host-secret-of-the-tests";
const SEALING_KEY = Buffer.alloc(32, "x");
const OWNER = { actor: { type: "token" as const, id: "tok_test" }, accountId: "acc_test" };

interface HostRpc {
  report(): Promise<HostReport & { busy: { kind: string }[] }>;
  exec(request: ExecRequest, id?: string): Promise<Outcome<ExecResult>>;
  signal(id: string, signal: string): Promise<void>;
  logs(options: { cursor?: string }): Promise<LogPage>;
  quiesce(): Promise<Outcome<void>>;
  fetch: Miniflare["dispatchFetch"];
}

interface InstanceRpc {
  create(command: object): Promise<unknown>;
  intend(intent: string, cause: typeof OWNER): Promise<{ generation: number }>;
  rotate(command: object, cause: typeof OWNER): Promise<unknown>;
  report(driver: string, fence: object, step: string, outcome: object): Promise<unknown>;
  next(driver: string): Promise<{ type: string; fence: object; step: string }>;
}

/** What a vendor without any trouble answers to each step. */
const GOOD: Record<string, object> = {
  place: { refs: { place: "o-x.gentity.test", tunnel: "tun-1" } },
  machine: { refs: { machine: "m1" } },
  boot: { observed: { machine: "started", vendorState: "running" } },
};

/** The real Worker on workerd, without queues that would drive anything. */
export class ControlPlane {
  readonly url: string;
  private readonly port: number;
  private readonly stateDir: string;
  private miniflare: Miniflare | undefined;

  private constructor(port: number, stateDir: string) {
    this.port = port;
    this.stateDir = stateDir;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(stateDir: string): Promise<ControlPlane> {
    let port = 20_000 + Math.floor(Math.random() * 20_000);
    while (!(await isFree(port))) port++;
    const plane = new ControlPlane(port, stateDir);
    await plane.open();
    return plane;
  }

  /** Again on the same port, with all it had kept. */
  async open(): Promise<void> {
    this.miniflare = new Miniflare({
      ...convertV4MiniflareOptions({
        name: "gentity",
        rootPath: ROOT,
        host: "127.0.0.1",
        port: this.port,
        compatibilityDate: "2026-10-20",
        compatibilityFlags: ["nodejs_compat"],
        modules: [
          { type: "ESModule", path: "index.js", contents: await bundleWorker(join(ROOT, "src/index.ts")) },
        ],
        d1Databases: ["DB"],
        durableObjects: {
          INSTANCES: { className: "InstanceObject", useSQLite: true },
          ACCOUNTS: { className: "AccountObject", useSQLite: true },
          HOSTS: { className: "HostObject", useSQLite: true },
        },
        queueProducers: { HETZNER_QUEUE: "gentity-hetzner" },
        bindings: {
          BASE_DOMAIN: "gentity.test",
          API_HOSTS: "127.0.0.1",
          SEALING_KEYS: `test:${SEALING_KEY.toString("base64")}`,
          HETZNER_API_TOKEN: "local",
          CLOUDFLARE_API_TOKEN: "local",
          CLOUDFLARE_ACCOUNT_ID: "acc-of-the-tests",
          CLOUDFLARE_ZONE_ID: "zone-of-the-tests",
          HOST_SECRET,
        },
        log: new Log(LogLevel.ERROR),
        handleStructuredLogs: () => {},
      }),
      resourcePersistencePath: this.stateDir,
    });
    await this.miniflare.ready;
    await applyMigrations(await this.miniflare.getD1Database("DB"), join(ROOT, "migrations"));
  }

  async close(): Promise<void> {
    await this.miniflare?.dispose();
    this.miniflare = undefined;
  }

  /** @returns its id. */
  async create(recipe: MachineRecipe): Promise<string> {
    const id = newInstanceId();
    const ring = [{ id: "test", key: new Uint8Array(SEALING_KEY) }];
    const instance = await this.instance(id);
    await instance.create({
      id,
      accountId: OWNER.accountId,
      subdomain: `ai-${id.slice(-8)}`,
      name: "a test",
      agentType: "aider",
      pin: { release: "v1", image: recipe.image },
      modelProvider: "openai",
      modelName: "gpt-4o",
      provider: "hetzner",
      region: "fsn1",
      spec: { cpuKind: "shared", cpus: 1, memoryMb: 512, volumeGb: 1 },
      exposure: "public",
      service: {},
      workspaceId: null,
      labels: {},
      sealedRecipe: await seal(ring, recipeContext(id), JSON.stringify(recipe)),
      createdAt: Date.now(),
      cause: { actor: { type: "system", id: "test" } },
    });
    return id;
  }

  /** As if the vendor had done everything. */
  async settle(id: string): Promise<void> {
    const instance = await this.instance(id);
    for (;;) {
      const { type, fence, step } = await instance.next("test");
      if (type !== "step") return;
      await instance.report("test", fence, step, { type: "ok", value: GOOD[step] ?? {} });
    }
  }

  async seal(id: string, recipe: MachineRecipe): Promise<string> {
    const ring = [{ id: "test", key: new Uint8Array(SEALING_KEY) }];
    return seal(ring, recipeContext(id), JSON.stringify(recipe));
  }

  enrolmentSecret(id: string): Promise<string> {
    return deriveEnrolmentSecret(HOST_SECRET, id);
  }

  // The types of a namespace say nothing of the class behind it, which is in the bundle.
  async host(id: string): Promise<HostRpc> {
    const namespace = await this.miniflare?.getDurableObjectNamespace("HOSTS");
    return namespace?.getByName(id) as unknown as HostRpc;
  }

  async instance(id: string): Promise<InstanceRpc> {
    const namespace = await this.miniflare?.getDurableObjectNamespace("INSTANCES");
    return namespace?.getByName(id) as unknown as InstanceRpc;
  }
}

export { OWNER };
