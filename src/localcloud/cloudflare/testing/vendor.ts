/** A Cloudflare of its own for each test file. */
import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../log.ts";
import { removeTree } from "../../runtime/remove-tree.ts";
import type { VendorWorld as World } from "../../world.ts";
import { type CloudflareOptions, type CloudflareVendor, startCloudflare } from "../vendor.ts";

export const ACCOUNT = "a".repeat(32);
export const ZONE = "b".repeat(32);
export const ZONE_NAME = "example.com";
export const TOKEN = "cloudflare-test-token-123456";

// Bodies are what the vendor says they are; each test looks at what it is about.
// biome-ignore lint/suspicious/noExplicitAny: the shape differs from call to call.
export type Body = any;

export class TestCloudflare {
  vendor: CloudflareVendor;
  private readonly world: World;
  private readonly options: CloudflareOptions;

  private constructor(vendor: CloudflareVendor, world: World, options: CloudflareOptions) {
    this.vendor = vendor;
    this.world = world;
    this.options = options;
  }

  static async start(
    more: Partial<CloudflareOptions & Pick<World, "rateLimited">> = {},
  ): Promise<TestCloudflare> {
    const { rateLimited = false, ...over } = more;
    const world: World = {
      dir: await mkdtemp(join(tmpdir(), "cloudflare-test-")),
      token: TOKEN,
      host: "127.0.0.1",
      rateLimited,
      log: silentLog,
    };
    const options = { ports: {}, zone: ZONE_NAME, ...over };
    return new TestCloudflare(await startCloudflare(world, options), world, options);
  }

  get stateDir(): string {
    return this.world.dir;
  }

  /** Ends it and starts it again over the same folder and ports. */
  async restart(): Promise<void> {
    const [api, tunnel, edge] = this.vendor.ports;
    await this.vendor.close();
    this.vendor = await startCloudflare(this.world, { ...this.options, ports: { api, tunnel, edge } });
  }

  async close(): Promise<void> {
    await this.vendor.close();
    await removeTree(this.world.dir);
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    token: string = TOKEN,
  ): Promise<{ status: number; headers: Headers; body: Body }> {
    const base = path.startsWith("/_control") ? new URL(this.vendor.url).origin : this.vendor.url;
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  tunnels(method: string, path = "", body?: unknown) {
    return this.call(method, `/accounts/${ACCOUNT}/cfd_tunnel${path}`, body);
  }

  records(method: string, path = "", body?: unknown) {
    return this.call(method, `/zones/${ZONE}/dns_records${path}`, body);
  }

  fault(rule: object) {
    return this.call("POST", "/_control/faults", rule);
  }

  calm() {
    return this.call("DELETE", "/_control/faults");
  }
}

export const newSecret = (): string => randomBytes(32).toString("base64");
