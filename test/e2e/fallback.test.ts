/** A deployment that lacks a vendor's token does what it can without, and says so. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GentityClient } from "../../src/sdk/index.ts";
import { Stack } from "./stack.ts";

const CREATE = ["compute", "create", "--agent", "aider", "--model", "gpt-4o", "--api-key", "sk-test"];

const sandboxes = async (stack: Stack): Promise<{ id: string; state: string }[]> =>
  (await stack.otherVendor("daytona", "GET", "/api/sandbox")).body.items;
const flyMachines = async (stack: Stack): Promise<unknown[]> =>
  (await stack.vendor("GET", "/v1/orgs/personal/machines")).body.machines;
const fleetOf = async (stack: Stack) => JSON.parse(await stack.run(["fleet", "--json"]));

describe("without Fly", () => {
  let stack: Stack;
  let gentity: GentityClient;
  beforeAll(async () => {
    stack = await Stack.start({ without: ["fly"] });
    gentity = new GentityClient({ baseUrl: stack.local.apiUrl, token: stack.local.token });
  });
  afterAll(() => stack?.close());

  it("says which vendors are configured", async () => {
    expect(await fleetOf(stack)).toMatchObject({
      configured: false,
      providers: { fly: false, hetzner: true, daytona: true },
      machines: [],
    });
    const { stderr } = await stack.cli(["fleet"]);
    expect(stderr).toContain("Configured: hetzner, daytona.");
  });

  it("runs a workspace's commands in a Daytona sandbox: outputs apart, stdin, the exit code", async () => {
    const line = ["run", "ws-1", "--", "sh", "-c", "cat; echo err >&2; echo kept > kept; exit 7"];
    expect(await stack.cli(line, "fed")).toMatchObject({ code: 7, stdout: "fed", stderr: "err\n" });
    expect(await sandboxes(stack)).toMatchObject([{ state: "started" }]);
    expect(await flyMachines(stack)).toEqual([]);
  });

  it("says substrate daytona, in the same sandbox with the same files", async () => {
    expect(await gentity.runForAgent("ws-1", "cat kept")).toMatchObject({
      substrate: "daytona",
      exitCode: 0,
      stdout: "kept\n",
    });
    expect(await sandboxes(stack)).toHaveLength(1);
    expect(await stack.run(["fleet"])).toMatch(/ws-1 .*daytona/);
    expect((await fleetOf(stack)).machines).toMatchObject([{ provider: "daytona", workspaceId: "ws-1" }]);
  });

  it("refuses what such a body is not for: a copy, another owner, an address", async () => {
    const [{ id }] = (await fleetOf(stack)).machines;
    for (const args of [
      ["clone", id],
      ["transfer", id, "--to", "ada@example.com"],
      ["rotate-url", id],
    ]) {
      const refused = await stack.cli(["compute", ...args]);
      expect([refused.code, refused.stdout, refused.stderr]).toEqual([
        5,
        "",
        expect.stringContaining("workspace's body"),
      ]);
    }
    await stack.run(["compute", "delete", id, "--yes"]);
    expect(await sandboxes(stack)).toEqual([]);
  });

  it("makes no instance at Fly, and names the variable; by itself it takes Hetzner", async () => {
    const refused = await stack.cli([...CREATE, "--provider", "fly"]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("FLY_API_TOKEN")]);
    const { id } = JSON.parse(await stack.run([...CREATE, "--json"]));
    expect(await stack.instance(id)).toMatchObject({ provider: "hetzner", status: "running" });
    await stack.run(["compute", "delete", id, "--yes"]);
  });
});

describe("without Fly and Daytona", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.start({ without: ["fly", "daytona"] });
  });
  afterAll(() => stack?.close());

  it("runs nothing for a workspace, names the two variables, and leaves nothing", async () => {
    const { code, stdout, stderr } = await stack.cli(["run", "ws-1", "--", "true"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/FLY_API_TOKEN.*DAYTONA_API_KEY/);
    expect(await fleetOf(stack)).toMatchObject({
      configured: false,
      providers: { fly: false, hetzner: true, daytona: false },
      machines: [],
    });
  });
});

describe("without any vendor", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.start({ without: ["fly", "hetzner", "daytona"] });
  });
  afterAll(() => stack?.close());

  it("makes no instance, and names every variable", async () => {
    const { code, stdout, stderr } = await stack.cli(CREATE);
    expect([code, stdout]).toEqual([1, ""]);
    for (const name of ["FLY_API_TOKEN", "HETZNER_API_TOKEN", "CLOUDFLARE_API_TOKEN", "HOST_SECRET"]) {
      expect(stderr).toContain(name);
    }
    expect((await stack.cli(["fleet"])).stderr).toContain("No provider is configured.");
  });
});
