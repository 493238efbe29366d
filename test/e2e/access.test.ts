/** An instance that asks for more than its address, in a real browser: on its own, inside another site's page, and by WebSocket. */
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stack, until } from "./stack.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];

const isInstalled = existsSync(CHROMIUM);
if (!isInstalled) console.log(`skipped: there is no ${CHROMIUM}; apt-get install chromium`);

describe.runIf(isInstalled)("an instance of access signed, in a browser", () => {
  let stack: Stack;
  let browser: Browser;
  let site: Server;
  let id: string;
  let url: string;

  beforeAll(async () => {
    stack = await Stack.start();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
    const created = await stack.create({ access: "signed" });
    id = created.id;
    url = `http://${created.subdomain}.gentity.localhost:${stack.port}/`;
    site = createServer((request, response) => {
      const src = new URL(request.url ?? "/", "http://site").searchParams.get("src") ?? "";
      response.setHeader("Content-Type", "text/html");
      response.end(
        `<!doctype html><title>Another site</title><iframe src="${src}" width="900" height="700"></iframe>`,
      );
    }).listen(0, "127.0.0.1");
    await until("the other site", () => site.listening);
  });
  afterAll(async () => {
    site?.close();
    await browser?.close();
    await stack?.close();
  });

  /** A browser that was never here. */
  async function newPage(): Promise<Page> {
    return (await browser.newContext()).newPage();
  }

  async function link(): Promise<string> {
    const { status, body } = await stack.api("POST", `/api/instances/${id}/links`, { expiresInSeconds: 600 });
    expect(status).toBe(201);
    return body.url;
  }

  it("is closed to the address alone, and says whom to ask", async () => {
    const page = await newPage();
    expect((await page.goto(url))?.status()).toBe(401);
    expect(await page.textContent("h1")).toBe("Not open to everybody");
  });

  it("opens by a link, whose proof then stands in no address and is read by no script; its terminal connects", async () => {
    const page = await newPage();
    await page.goto(await link());
    expect(page.url()).toBe(url);
    await page.getByText("Connected").waitFor();
    expect(await page.evaluate("document.cookie")).not.toContain("gentity");
    await page.reload();
    await page.getByText("Connected").waitFor();
  });

  it("opens inside another site's page, and stays closed to the same browser outside of it", async () => {
    const page = await newPage();
    const answers: number[] = [];
    page.on("response", (answer) => {
      if (answer.url().startsWith(url)) answers.push(answer.status());
    });
    const { port } = site.address() as AddressInfo;
    const src = encodeURIComponent(await link());
    await page.goto(`http://another.localhost:${port}/?src=${src}`);
    // This agent's page is sent, and forbids being shown in a frame; that it was sent is what the edge has to do with it.
    await until("the page in the frame", () => answers.length === 2);
    expect(answers).toEqual([303, 200]);
    const outside = await page.context().newPage();
    expect((await outside.goto(url))?.status()).toBe(401);
  });

  it("lets a browser's WebSocket in by a token among its subprotocols", async () => {
    const page = await newPage();
    await page.goto(await link());
    await page.context().clearCookies();
    const open = (protocol: string) =>
      page.evaluate(
        ([address, offered]) =>
          new Promise((resolve) => {
            // The browser's own global, of which this file's types know nothing.
            const socket = new (globalThis as any).WebSocket(address, offered);
            socket.onopen = () => resolve(`open as ${socket.protocol}`);
            socket.onerror = () => resolve("refused");
          }),
        [`${url.replace("http", "ws")}terminal`, protocol] as const,
      );
    const good = `gentity.bearer.${stack.local.token}`;
    expect(await open(good)).toBe(`open as ${good}`);
    expect(await open(`gentity.bearer.gn_live_${"a".repeat(52)}`)).toBe("refused");
  });
});
