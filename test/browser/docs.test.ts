/** The documentation as it is read: by anybody, on any screen, with and without JavaScript. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Dashboard, isBrowserInstalled, type Visit } from "./harness.ts";
import { expectCalm, expectSound } from "./sound.ts";

/** The longest ones, one with everything, and one that is found. */
const PAGES = ["/docs/quick-start", "/docs/api", "/docs/cli", "/docs/regions", "/docs/search?q=wake"];

describe.runIf(isBrowserInstalled)("the documentation", () => {
  let dashboard: Dashboard;
  let visit: Visit;
  beforeAll(async () => {
    dashboard = await Dashboard.open();
  });
  afterEach(() => visit?.leave());
  afterAll(() => dashboard?.close());

  it.each(PAGES)("is sound: %s", async (path) => {
    visit = await dashboard.visit();
    await expectSound(visit, path);
  });

  it("is copied from with a click", async () => {
    visit = await dashboard.visit();
    await visit.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await visit.go("/docs/quick-start");
    const block = visit.page.locator(".code", { hasText: "compute create" });
    await block.hover();
    await block.getByRole("button", { name: "Copy" }).click();
    await block.getByRole("button", { name: "Copied" }).waitFor();
    expect(await visit.page.evaluate("navigator.clipboard.readText()")).toBe(
      "npx gentity compute create --agent aider --model gpt-4o --api-key sk-test",
    );
    expectCalm(visit);
  });

  it("is searched without JavaScript, and read where it was found", async () => {
    visit = await dashboard.visit(undefined, { javaScriptEnabled: false });
    await visit.go("/docs");
    await visit.page.getByLabel("Search the docs").fill("signed link expires");
    await visit.page.getByRole("button", { name: "Search" }).click();
    await visit.page.getByRole("link", { name: "URLs and access: Signed links" }).click();
    expect(new URL(visit.page.url()).pathname + new URL(visit.page.url()).hash).toBe(
      "/docs/access#signed-links",
    );
    await visit.page.getByRole("heading", { name: "Signed links" }).waitFor();
  });
});
