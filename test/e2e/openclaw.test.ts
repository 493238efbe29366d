/**
 * The real OpenClaw, from npm, behind the edge: in a browser, and asked by somebody who goes around the edge. Its package has half a gigabyte;
 * `GENTITY_E2E_NPM_CACHE` names a folder in which `openclaw@<version>` was installed before.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
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
    await until("OpenClaw to run", async () => (await stack.instance(id)).status === "running", 8 * MINUTES);
    await until("OpenClaw to be ready", async () => (await through("/readyz")).status === 200, 2 * MINUTES);
    machine = (await stack.holdings(id)).machines[0] ?? "";
    owner = (await stack.api("GET", "/api/account")).body.account.id;
    const config = JSON.parse(await stack.exec(id, "cat /home/node/.openclaw/openclaw.json"));
    proof = config.gateway.auth.trustedProxy.requiredHeaders[0];
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

  /** How the gateway answers a WebSocket: every message until it closes, or one that accepts. */
  async function connectAround(headers: Record<string, string> = {}): Promise<string> {
    const origin = `http://127.0.0.1:${vendorPort()}`;
    const socket = new WebSocket(`ws://127.0.0.1:${vendorPort()}/`, {
      headers: { ...forged(), origin, ...headers },
    });
    let said = "";
    socket.on("error", (error) => {
      said += error.message;
    });
    socket.on("message", (data) => {
      said += String(data);
      if (said.includes("connect.challenge") && !said.includes('"type":"res"')) {
        const client = { id: "openclaw-control-ui", version: "1", platform: "web", mode: "webchat" };
        const params = {
          minProtocol: 1,
          maxProtocol: 99,
          client,
          role: "operator",
          scopes: ["operator.admin"],
        };
        socket.send(JSON.stringify({ type: "req", id: "1", method: "connect", params }));
      }
      if (said.includes('"type":"res"')) socket.close();
    });
    const [code, reason] = await once(socket, "close");
    return `${said}\n${code} ${String(reason)}`;
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
    const socket = await connectAround();
    expect(socket).toContain("AUTH_IDENTITY_HEADER_REQUIRED");
    expect(socket).not.toContain("x-gentity-proof");
    // It is the proof alone that is missing.
    expect(await connectAround({ [proof]: "1" })).not.toContain("AUTH_");
    expect((await around("/control-ui-config.json", { [proof]: "1" })).status).toBe(200);
  });

  it("takes no proof from a visitor, who may know its name", async () => {
    const headers = { "x-gentity-user": "acc_other", [proof]: "", "x-gentity-proof-0": "1" };
    expect((await through("/control-ui-config.json", headers)).status).toBe(200);
  });

  it.runIf(existsSync(CHROMIUM))("works in a browser, its WebSocket included", async () => {
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
        socket.on("close", () => {
          said += " closed ";
        });
      });
      await page.goto(`http://${host}/`);
      expect(await page.title()).toContain("OpenClaw");
      await until(
        () => `the gateway to say hello; it said: ${said.slice(0, 2_000)}`,
        () => said.includes("hello-ok"),
      );
      await page.getByRole("textbox").first().waitFor();
      expect(said).not.toContain(" closed ");
      const folder = process.env.GENTITY_E2E_PICTURES;
      if (folder) await page.screenshot({ path: join(folder, "openclaw.png") });
    } finally {
      await browser.close();
    }
  });
});
