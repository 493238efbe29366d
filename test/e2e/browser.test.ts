/** What a person sees, in a real browser. Pictures are taken when `GENTITY_E2E_PICTURES` names a folder for them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Stack } from "./stack.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

const isInstalled = existsSync(CHROMIUM);
if (!isInstalled) console.log(`skipped: there is no ${CHROMIUM}; apt-get install chromium`);

describe.runIf(isInstalled)("in a browser", () => {
  let stack: Stack;
  let browser: Browser;
  let id: string;
  let url: string;

  beforeAll(async () => {
    stack = await Stack.start();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
    const { subdomain, ...created } = await stack.create();
    id = created.id;
    url = `http://${subdomain}.gentity.localhost:${stack.port}/`;
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });

  interface Wanted {
    javaScriptEnabled?: boolean;
    colorScheme?: "light" | "dark";
    width?: number;
  }

  /** A page of its own; what it complains about and asks for is collected. */
  async function open(
    address: string,
    { javaScriptEnabled = true, colorScheme = "dark", width = 1280 }: Wanted = {},
  ): Promise<{ page: Page; status: number; complaints: string[]; asked: string[] }> {
    const viewport = { width, height: 800 };
    const context = await browser.newContext({ javaScriptEnabled, colorScheme, viewport });
    const page = await context.newPage();
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on("request", (sent) => asked.push(sent.url()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    const response = await page.goto(address);
    return { page, status: response?.status() ?? 0, complaints, asked };
  }

  async function picture(page: Page, name: string): Promise<void> {
    const folder = process.env.GENTITY_E2E_PICTURES;
    if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
  }

  const screenOf = (page: Page) => page.locator("#screen .xterm-rows");
  const isWide = (page: Page) =>
    page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

  it("shows the agent, what really runs, and a terminal in which commands run", async () => {
    const { page, status, complaints } = await open(url);
    expect(status).toBe(200);
    expect(await page.title()).toBe("Aider");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Aider");
    expect(await page.locator(".runs").textContent()).toContain("A built-in page, not Aider");
    await page.getByText("Connected").waitFor();
    await page.keyboard.type("echo $((6*7))\n");
    await screenOf(page)
      .getByText(/^42\s*$/)
      .waitFor();
    await picture(page, "agent");
    expect(complaints).toEqual([]);
  });

  it("finds the same session again after a reload, and in another tab", async () => {
    const { page } = await open(url);
    await page.getByText("Connected").waitFor();
    await page.keyboard.type("here=$((40+3)); echo set $here\n");
    await screenOf(page).getByText("set 43").waitFor();
    await page.reload();
    await screenOf(page).getByText("set 43").waitFor();
    const { page: other } = await open(url);
    await other.getByText("Connected").waitFor();
    await other.keyboard.type("echo still $here\n");
    await screenOf(other).getByText("still 43").waitFor();
    await screenOf(page).getByText("still 43").waitFor();
  });

  it("fits a telephone, and a light room", async () => {
    const { page } = await open(url, { width: 375, colorScheme: "light" });
    await page.getByText("Connected").waitFor();
    expect(await isWide(page)).toBe(false);
    await picture(page, "agent-telephone");
  });

  it("tells the same without JavaScript, and how to reach a shell", async () => {
    const { page } = await open(url, { javaScriptEnabled: false });
    const text = (await page.textContent("body")) ?? "";
    for (const told of ["Aider", "gpt-4o", "A built-in page, not Aider", "gentity compute ssh"]) {
      expect(text).toContain(told);
    }
    await picture(page, "agent-no-javascript");
  });

  it("describes the API on the apex, without anything from elsewhere", async () => {
    for (const host of ["localhost", "gentity.localhost"]) {
      const origin = `http://${host}:${stack.port}`;
      const { page, status, complaints, asked } = await open(`${origin}/docs/api`);
      expect(status).toBe(200);
      expect(await page.textContent("body")).toContain("/api/instances");
      expect(new Set(asked.map((address) => new URL(address).origin))).toEqual(new Set([origin]));
      expect(complaints).toEqual([]);
      await picture(page, "docs");
    }
    const { page } = await open(`http://localhost:${stack.port}/docs/api`, {
      width: 375,
      colorScheme: "light",
    });
    await page.locator("#execInInstance").scrollIntoViewIfNeeded();
    await picture(page, "docs-telephone");
    expect(await isWide(page)).toBe(false);
  });

  it("says of an address without an instance that nothing is there", async () => {
    const { page, status, asked } = await open(`http://ai-neverwas.gentity.localhost:${stack.port}/`);
    expect(status).toBe(404);
    await page.getByRole("heading", { name: "Nothing here" }).waitFor();
    expect(asked).toHaveLength(1);
    await picture(page, "nothing-here");
  });

  it("a tab that was open finds its session again after a suspend", async () => {
    const { page } = await open(url);
    await page.getByText("Connected").waitFor();
    await page.keyboard.type("asleep=$((40+4))\n");
    await stack.run(["compute", "suspend", id]);
    await stack.run(["compute", "resume", id]);
    await page.getByText("Connected").waitFor();
    await page.keyboard.type("echo awake $asleep\n");
    await screenOf(page).getByText("awake 44").waitFor();
  });

  it.each([true, false])(
    "lets a visitor see that it wakes, and goes on by itself; JavaScript: %s",
    async (javaScriptEnabled) => {
      await stack.run(["compute", "suspend", id]);
      const match = { method: "POST", path: "^/v1/apps/[^/]+/machines/[^/]+/start$", count: 1 };
      await stack.fault({ kind: "latency", ms: 4_000, match });
      const { page, status } = await open(`${url}?kept=yes`, { javaScriptEnabled });
      expect(status).toBe(503);
      await page.getByRole("heading", { name: "Waking up" }).waitFor();
      await page.getByRole("progressbar").waitFor();
      await picture(page, "waking");
      await page.getByRole("heading", { name: "Aider", level: 1 }).waitFor();
      expect(page.url()).toBe(`${url}?kept=yes`);
      expect(await stack.run(["compute", "get", id])).toContain("running");
    },
  );

  it("says of a stopped instance that it is, and how it is started", async () => {
    await stack.run(["compute", "stop", id]);
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, status } = await open(url, { colorScheme });
      expect(status).toBe(502);
      await page.getByRole("heading", { name: "Stopped" }).waitFor();
      expect(await page.textContent("main")).toContain("gentity compute start");
      await picture(page, `stopped-${colorScheme}`);
    }
  });
});
