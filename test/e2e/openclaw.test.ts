/**
 * The real OpenClaw, from npm, behind the edge: in a browser, and asked by somebody who goes around the edge. Its package has half a gigabyte;
 * `GENTITY_E2E_NPM_CACHE` names a folder in which `openclaw@<version>` was installed before.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openclaw } from "../../src/catalog/agents/openclaw.ts";
import { currentRelease } from "../../src/catalog/catalog.ts";
import { type Answer, ask, newStateDir, Stack, until } from "./stack.ts";

const CHROMIUM = "/usr/bin/chromium";
const VERSION = currentRelease(openclaw).image.tag;
const MINUTES = 60_000;
const run = promisify(execFile);

/** Why it cannot be had, or nothing. */
async function problem(): Promise<string | undefined> {
  if (process.env.GENTITY_E2E_NPM_CACHE) return undefined;
  const args = ["view", `openclaw@${VERSION}`, "version", "--fetch-retries=0"];
  return run("npm", args, { timeout: 30_000 }).then(
    () => undefined,
    (error: Error) => error.message.split("\n")[0],
  );
}

const missing = await problem();
if (missing) console.log(`skipped: OpenClaw cannot be had from npm: ${missing}`);

describe.skipIf(missing !== undefined)("the real OpenClaw", { timeout: 3 * MINUTES }, () => {
  let stack: Stack;
  let id: string;
  let host: string;
  let machine: string;
  let owner: string;
  let proof: string;

  beforeAll(async () => {
    const state = newStateDir();
    const installed = join(process.env.GENTITY_E2E_NPM_CACHE ?? "/nowhere", `openclaw@${VERSION}`);
    if (existsSync(installed)) {
      await mkdir(join(state, "cloud/images/npm"), { recursive: true });
      await run("cp", ["-a", installed, join(state, "cloud/images/npm")]);
    }
    stack = await Stack.start({ state });
    const made = await stack.api("POST", "/api/instances", {
      ...{ agentType: "openclaw", modelProvider: "anthropic", modelName: "claude-sonnet-4-6" },
      ...{ apiKey: "sk-ant-nobody", provider: "fly" },
    });
    id = made.body.id;
    host = `${made.body.subdomain}.gentity.localhost:${stack.port}`;
    await until("OpenClaw to run", async () => (await stack.instance(id))?.status === "running", 8 * MINUTES);
    await until("OpenClaw to be ready", async () => (await through("/readyz")).status === 200, 2 * MINUTES);
    machine = (await stack.holdings(id)).machines[0] ?? "";
    owner = (await stack.api("GET", "/api/account")).body.account.id;
    const config = JSON.parse(await stack.exec(id, "cat /home/node/.openclaw/openclaw.json"));
    proof = config.gateway.auth.trustedProxy.userHeader;
  }, 12 * MINUTES);
  afterAll(() => stack?.close());

  /** By the edge, as anybody. */
  const through = (path: string, headers: Record<string, string> = {}) =>
    ask("GET", new URL(path, `http://127.0.0.1:${stack.port}`), { headers: { host, ...headers } });

  const vendorPort = () =>
    JSON.parse(readFileSync(join(stack.state, "ports.json"), "utf8")).proxyPort as number;

  /** All that a forger can know and send: the vendor's own address of the machine, and whom the edge would vouch for. */
  const forged = () => ({
    "fly-force-instance-id": machine,
    "x-forwarded-host": host,
    "x-forwarded-proto": "http",
    "x-forwarded-for": "203.0.113.7",
    "x-gentity-user": owner,
    "x-gentity-assertion": "forged",
  });

  /** Around the edge. */
  const around = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    ask("GET", new URL(path, `http://127.0.0.1:${vendorPort()}`), { headers: { ...forged(), ...headers } });

  /** A way around the edge for a browser: sets what a forger would, on every request or on WebSockets only. */
  async function detour(
    add: (isSocket: boolean) => Record<string, string>,
  ): Promise<{ url: string; close: () => void }> {
    const server = createServer((client) => {
      client.on("error", () => client.destroy());
      client.once("data", (data: Buffer) => {
        const end = data.indexOf("\r\n\r\n");
        const lines = data.subarray(0, end).toString("latin1").split("\r\n");
        const isSocket = lines.some((line) => /^upgrade: *websocket/i.test(line));
        const kept = lines.filter((line) => !/^(origin|connection):/i.test(line));
        const own = {
          ...forged(),
          ...add(isSocket),
          origin: `http://127.0.0.1:${vendorPort()}`,
          connection: isSocket ? "Upgrade" : "close",
        };
        const added = Object.entries(own).map(([name, value]) => `${name}: ${value}`);
        const vendor = connect({ port: vendorPort(), host: "127.0.0.1" });
        vendor.on("error", () => client.destroy());
        vendor.write(`${[...kept, ...added].join("\r\n")}\r\n\r\n`, "latin1");
        vendor.write(data.subarray(end + 4));
        vendor.pipe(client).pipe(vendor);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
  }

  /** What the gateway says over the WebSocket of its own page, until it has let the page in or has not. */
  async function greeting(url: string, picture?: string): Promise<string> {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    });
    try {
      const page = await browser.newPage();
      let said = "";
      page.on("websocket", (socket) => {
        socket.on("framereceived", ({ payload }) => {
          said += String(payload);
        });
      });
      await page.goto(url);
      expect(await page.title()).toContain("OpenClaw");
      await until(
        () => `the gateway to answer its page; it said: ${said.slice(0, 2_000)}`,
        () => said.includes('"type":"res"'),
        90_000,
      );
      if (picture !== undefined) {
        await page.getByRole("textbox").first().waitFor({ timeout: 90_000 });
        const folder = process.env.GENTITY_E2E_PICTURES;
        if (folder) await page.screenshot({ path: join(folder, `${picture}.png`) });
      }
      return said;
    } finally {
      await browser.close();
    }
  }

  it("runs, and is itself", async () => {
    expect((await through("/", { accept: "text/html" })).text).toContain("OpenClaw");
    expect((await through("/control-ui-config.json")).status).toBe(200);
    expect(proof).toMatch(/^x-gentity-proof-[0-9a-f]{32}$/);
  });

  it("refuses who goes around the edge, and does not say what is missing", async () => {
    const refused = await around("/control-ui-config.json");
    expect([401, 403]).toContain(refused.status);
    expect(refused.text).not.toContain("x-gentity-proof");
    // It is the proof alone that is missing.
    expect((await around("/control-ui-config.json", { [proof]: owner })).status).toBe(200);
  });

  it("takes no proof from a visitor, who may know its name", async () => {
    const headers = { "x-gentity-user": "acc_other", [proof]: "acc_other", "x-gentity-proof-0": "1" };
    expect((await through("/control-ui-config.json", headers)).status).toBe(200);
  });

  describe.runIf(existsSync(CHROMIUM))("in a browser", () => {
    it("works, its WebSocket included", async () => {
      expect(await greeting(`http://${host}/`, "openclaw")).toContain("hello-ok");
    });

    it("refuses a WebSocket that goes around the edge, and lets the same one in with the proof", async () => {
      const without = await detour((isSocket) => (isSocket ? {} : { [proof]: owner }));
      const said = await greeting(without.url).finally(without.close);
      expect(said).toContain("trusted_proxy_user_missing");
      expect(said).not.toContain("hello-ok");
      expect(said).not.toContain("x-gentity-proof");
      const withProof = await detour(() => ({ [proof]: owner }));
      expect(await greeting(withProof.url).finally(withProof.close)).toContain("hello-ok");
    });
  });
});
