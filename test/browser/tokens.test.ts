/** A token that is minted in the browser is shown once, whatever is done to the page afterwards. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dashboard, isBrowserInstalled, type Person } from "./harness.ts";
import { expectSoundHere } from "./sound.ts";

describe.runIf(isBrowserInstalled)("tokens, in a browser", () => {
  let dashboard: Dashboard;
  let person: Person;

  beforeAll(async () => {
    dashboard = await Dashboard.open();
    person = await dashboard.signIn("you@localhost");
  });
  afterAll(() => dashboard?.close());

  const names = async () =>
    (await dashboard.stack.api("GET", "/api/tokens")).body.tokens.map(({ name }: { name: string }) => name);

  it("is minted, used by the command line, not minted again by loading the page again, and revoked", async () => {
    const visit = await dashboard.visit(person);
    const { page } = visit;
    await visit.go("/dashboard/settings/tokens");
    await page.getByLabel("Name of a new token").fill("from a browser");
    await page.getByRole("button", { name: "Mint a token" }).click();
    const shown = page.locator("[data-once] code");
    const token = (await shown.textContent()) ?? "";
    await expectSoundHere(visit);
    const { code } = await dashboard.stack.cliAs(token, ["compute", "list"]);
    expect(code).toBe(0);
    await page.reload();
    expect(await shown.count()).toBe(0);
    expect(await names()).toEqual(["from a browser", "local stack"]);
    const row = page.getByRole("row").filter({ hasText: "from a browser" });
    await row.getByText("Revoke …").click();
    await row.getByRole("button", { name: "Revoke" }).click();
    await page.getByText("The token is revoked").waitFor();
    expect((await dashboard.stack.cliAs(token, ["compute", "list"])).code).not.toBe(0);
    expect(await names()).toEqual(["local stack"]);
    expect(visit.complaints).toEqual([]);
    await visit.leave();
  });
});
