/** Signing in with a real provider, in a real browser, on the names that the local stack answers on. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stack } from "../e2e/stack.ts";

const CHROMIUM = "/usr/bin/chromium";
const isInstalled = existsSync(CHROMIUM);
if (!isInstalled) console.log(`skipped: there is no ${CHROMIUM}; apt-get install chromium`);

describe.runIf(isInstalled)("signing in, in a browser", () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    stack = await Stack.start();
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });

  async function signIn(context: BrowserContext, host: string, person = "you@localhost"): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://${host}:${stack.port}/dashboard/nothing-here`);
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByRole("button", { name: person }).click();
    return page;
  }

  const sessionOf = async (context: BrowserContext) =>
    (await context.cookies()).filter(({ name }) => name.includes("gentity"));

  it.each(["localhost", "gentity.localhost"])(
    "ends where one wanted to go, with a session that no script reads and no other host is sent: %s",
    async (host) => {
      const context = await browser.newContext();
      const page = await signIn(context, host);
      expect(page.url()).toBe(`http://${host}:${stack.port}/dashboard/nothing-here`);
      expect(await page.textContent("h1")).toBe("There is no such page.");
      expect(await sessionOf(context)).toEqual([
        expect.objectContaining({
          name: "__Host-gentity",
          domain: host,
          path: "/",
          secure: true,
          httpOnly: true,
          sameSite: "Lax",
        }),
      ]);
      expect(await page.evaluate("document.cookie")).toBe("");
      await context.close();
    },
  );

  it("works in two tabs at once, which begin before either ends", async () => {
    const context = await browser.newContext();
    const pages = await Promise.all([context.newPage(), context.newPage()]);
    for (const [index, page] of pages.entries()) {
      await page.goto(`http://localhost:${stack.port}/dashboard/tab-${index}`);
      await page.getByRole("link", { name: "Sign in" }).click();
    }
    for (const [index, page] of pages.entries()) {
      // The provider knows one browser; its first tab's question is still the one it answers.
      await page.getByRole("button", { name: "ada@localhost" }).click();
      expect(page.url()).toBe(`http://localhost:${stack.port}/dashboard/tab-${index}`);
    }
    await context.close();
  });

  it("leaves no trace of one who cancels there", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://localhost:${stack.port}/sign-in`);
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(await page.textContent("h1")).toBe("Sign-in was cancelled");
    expect(await sessionOf(context)).toEqual([]);
    await context.close();
  });
});
