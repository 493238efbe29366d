/** What Hetzner and Cloudflare do to others, done to the whole stack: nothing is made twice, nothing is left, what is said is true. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { HETZNER } from "./main-job/walk.ts";
import { NO_SERVER, type OtherVendor, Stack, until } from "./stack.ts";

const SERVERS = "^/v1/servers$";
const VOLUMES = "^/v1/volumes$";
const ARGS = ["compute", "create", "--agent", "aider", "--model", "gpt-4o", "--api-key", "sk-test"];

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start();
});
afterEach(() => Promise.all((["hetzner", "cloudflare"] as const).map((vendor) => control(vendor, "DELETE"))));
afterAll(() => stack?.close());

const control = (vendor: OtherVendor, method: string, rule?: object) =>
  stack.otherVendor(vendor, method, "/_control/faults", rule);
const fault = (vendor: OtherVendor, rule: object) => control(vendor, "POST", rule);
const struck = async (vendor: OtherVendor): Promise<number> =>
  (await control(vendor, "GET")).body.faults[0].struck;
const create = () => stack.create({ provider: "hetzner" });
const remove = async (id: string) => {
  await stack.run(["compute", "delete", id, "--yes"]);
  expect(await stack.serverHoldings(id)).toEqual(NO_SERVER);
};

describe("a vendor without room", () => {
  it.each([
    ["for the server", SERVERS, undefined, "resource_unavailable", /region|size/],
    ["for the volume", VOLUMES, undefined, "resource_unavailable", /region|size/],
    ["in the project", SERVERS, 403, "server_limit", /limit/],
  ])(
    "%s is an error with the vendor's words and what to do, and nothing billed is left",
    async (_, path, status, words, next) => {
      await fault("hetzner", { kind: "capacity", status, match: { method: "POST", path } });
      const created = await stack.cli([...ARGS, "--provider", "hetzner", "--name", words]);
      expect([created.code, created.stdout]).toEqual([1, ""]);
      const { body } = await stack.api("GET", "/api/instances?status=error");
      const { id, errorMessage, hint } = body.instances[0];
      expect(errorMessage).toContain(words);
      expect(hint).toMatch(next);
      expect(created.stderr).toContain(words);
      expect(created.stderr).toMatch(new RegExp(`Next: .*(${next.source})`));
      await until("the clean-up", async () => (await stack.instance(id)).progress === null);
      expect(await stack.serverHoldings(id)).toEqual(NO_SERVER);
      await remove(id);
    },
  );
});

describe("a write whose answer does not arrive", () => {
  it.each<[string, string, OtherVendor, string]>([
    ["a server", "lost_answer", "hetzner", SERVERS],
    ["a volume", "error_after", "hetzner", VOLUMES],
    ["a tunnel", "lost_answer", "cloudflare", "^/client/v4/accounts/[^/]+/cfd_tunnel$"],
    ["a record", "error_after", "cloudflare", "^/client/v4/zones/[^/]+/dns_records$"],
  ])("when %s is made (%s) ends with exactly one", async (_, kind, vendor, path) => {
    await fault(vendor, { kind, match: { method: "POST", path, count: 1 } });
    const { id } = await create();
    expect(await struck(vendor)).toBe(1);
    expect(await stack.serverHoldings(id)).toEqual(HETZNER.whole);
    await remove(id);
  });

  it("when everything is deleted leaves nothing", async () => {
    const { id } = await create();
    await fault("hetzner", {
      kind: "lost_answer",
      match: { method: "DELETE", path: "^/v1/servers/", count: 1 },
    });
    await fault("cloudflare", { kind: "lost_answer", match: { method: "DELETE", count: 2 } });
    await remove(id);
  });
});

describe("a create", () => {
  it("waits out a vendor who says that it is too much", async () => {
    await fault("hetzner", { kind: "rate_limit", match: { method: "POST", count: 2 } });
    const { id } = await create();
    expect(await struck("hetzner")).toBe(2);
    expect(await stack.serverHoldings(id)).toEqual(HETZNER.whole);
    await remove(id);
  });

  it("whose action is stuck says what it waits for, and can be deleted", async () => {
    await fault("hetzner", { kind: "stuck", match: { method: "POST", path: SERVERS, count: 1 } });
    const { body } = await stack.api("POST", "/api/instances", {
      agentType: "aider",
      modelProvider: "openai",
      modelName: "gpt-4o",
      apiKey: "sk-test",
      provider: "hetzner",
    });
    const { progress } = await until("it to wait", async () => {
      const instance = await stack.instance(body.id);
      return JSON.stringify(instance.progress).includes("Hetzner") && instance;
    });
    expect(JSON.stringify(progress)).toMatch(
      /Hetzner (is making the server|says that the server is initializing)/,
    );
    await remove(body.id);
  });
});

describe("an instance", () => {
  const serverOf = async (id: string) => (await stack.serverHoldings(id)).servers[0];
  const order = (server: string | undefined, name: string, body?: object) =>
    stack.otherVendor("hetzner", "POST", `/_control/machines/${server}/${name}`, body);

  it("whose server vanished is an error that says so, and can be deleted", async () => {
    const { id, subdomain } = await create();
    await order(await serverOf(id), "vanish");
    await until("the error", async () => {
      await stack.visit(subdomain);
      return (await stack.instance(id)).status === "error";
    });
    expect((await stack.instance(id)).errorMessage).toContain("is gone at the vendor");
    expect(await stack.serverHoldings(id)).toMatchObject({ servers: [], volumes: [expect.any(String)] });
    await remove(id);
  });

  it("lesson 5: whose server is in a state that nobody knows is an error, and never running", async () => {
    const { id, subdomain } = await create();
    await order(await serverOf(id), "state", { state: "hibernating" });
    // The page is there all the same; what is not makes somebody look.
    await until("the error", async () => {
      await stack.visit(subdomain, {}, "/nowhere");
      return (await stack.instance(id)).status === "error";
    });
    const got = await stack.cli(["compute", "get", id]);
    expect(got.stdout).toContain("hibernating");
    const { periods } = (await stack.api("GET", `/api/instances/${id}/periods`)).body;
    expect(periods[0]).toMatchObject({ state: "error", meter: "running" });
    await remove(id);
  });

  it("whose power failed is found stopped, and starts again with its files", async () => {
    const { id, subdomain } = await create();
    await stack.exec(id, "echo kept >/workspace/kept; sync");
    await order(await serverOf(id), "crash");
    await until("it to be noticed", async () => {
      await stack.visit(subdomain);
      return (await stack.instance(id)).status !== "running";
    });
    await stack.run(["compute", "start", id]);
    expect(await stack.exec(id, "cat /workspace/kept")).toBe("kept\n");
    await remove(id);
  });
});
