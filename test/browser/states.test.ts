/** Accounts of other kinds: one without anything, one whose days have gone by, one with a thousand instances, and a control plane in trouble. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../e2e/stack.ts";
import { Dashboard, isBrowserInstalled, type Person } from "./harness.ts";
import { addInstancesLike, DAY, movePastBack } from "./past.ts";
import { OWN } from "./places.ts";
import { withRecords } from "./records.ts";
import { expectSound, expectSoundHere } from "./sound.ts";

describe.runIf(isBrowserInstalled)("an account", () => {
  let dashboard: Dashboard;
  let you: Person;
  let id: string;

  beforeAll(async () => {
    dashboard = await Dashboard.open();
    you = await dashboard.signIn("you@localhost");
    ({ id } = await dashboard.stack.create({ name: "old-hand" }));
    await dashboard.restart(() => movePastBack(dashboard.stack.state, id, 3 * DAY));
  });
  afterAll(() => dashboard?.close());

  describe("whose days have gone by", () => {
    it("has a timeline and usage of them, counted by the Worker", async () => {
      const visit = await dashboard.visit(you);
      const page = visit.page;
      await until("usage to be counted", async () => {
        await visit.go(`/dashboard/instances/${id}?days=7`);
        const text = (await page.locator("#usage").textContent()) ?? "";
        return /running 3 d 0 h/.test(text);
      });
      // Of the week three days were life: most of the band is not there yet, the rest is running.
      expect(await page.locator("#states").textContent()).toMatch(/running 3 d 0 h/);
      await page.locator("#usage summary").click();
      const days = await page.locator("#usage tbody tr").allTextContents();
      const whole = days.filter((day) => /1 d 0 h|24 h/.test(day));
      expect(whole.length, days.join("\n")).toBeGreaterThanOrEqual(2);
      await expectSoundHere(visit);

      await visit.go("/dashboard/usage");
      const total = (await page.locator(".figures").first().textContent()) ?? "";
      expect(total).toMatch(/Running3 d 0 h/);
      expect(total).toContain("est.");
      await visit.leave();
      // The command line recomputes the same from the periods.
      const verified = JSON.parse(await dashboard.stack.run(["usage", "--verify", "--json"]));
      expect(verified.ok).toBe(true);
    });
  });

  describe("with a thousand instances", () => {
    beforeAll(() => addInstancesLike(dashboard.stack.state, id, 1000));

    it("has a list that is read page by page, light and whole", async () => {
      const visit = await dashboard.visit(you);
      await expectSound(visit, "/dashboard");
      expect(await visit.page.locator("main tbody tr").count()).toBeLessThanOrEqual(50);
      const first = await visit.page.locator("main tbody tr").first().textContent();
      await visit.page.getByRole("link", { name: "Older" }).click();
      await visit.page.getByRole("link", { name: "Newest" }).waitFor();
      expect(await visit.page.locator("main tbody tr").first().textContent()).not.toBe(first);
      expect(visit.complaints).toEqual([]);
      await visit.leave();
    });

    it("finds one of them by its name", async () => {
      const visit = await dashboard.visit(you);
      await visit.go("/dashboard");
      await visit.page.getByLabel(/^Name, id/).fill("worker-00rr");
      await visit.page.getByRole("button", { name: "Show" }).click();
      await visit.page.getByRole("link", { name: "worker-00rr" }).waitFor();
      expect(await visit.page.locator("main tbody tr").count()).toBe(1);
      await visit.leave();
    });
  });

  describe("without anything", () => {
    it("is told what belongs there, everywhere", async () => {
      const nobody = await dashboard.signIn("nobody@localhost");
      const visit = await dashboard.visit(nobody);
      for (const path of OWN) {
        await visit.go(path);
        await expectSoundHere(visit);
      }
      await visit.leave();
    });
  });

  describe("in trouble", () => {
    it("sees a form again with its mistakes at their fields, and no secret in it", async () => {
      const visit = await dashboard.visit(you, { javaScriptEnabled: false });
      await visit.go("/dashboard/instances/new");
      const page = visit.page;
      await page.getByLabel("Volume (GB)").fill("3");
      await page.getByLabel("Model key").fill("  ");
      await page.getByText("More: name").click();
      await page.getByLabel("Labels").fill("not a label at all ===");
      await page.getByRole("button", { name: "Create", exact: true }).click();
      await page.locator(".mistake").first().waitFor();
      expect(await page.getByLabel("Volume (GB)").inputValue()).toBe("3");
      expect(await page.getByLabel("Model key").inputValue()).toBe("");
      await visit.leave();
    });

    it("that the operator has suspended is told so, and by which request", async () => {
      const suspended = await dashboard.signIn("suspended@localhost");
      withRecords(dashboard.stack.state, (records) => {
        records.prepare("UPDATE accounts SET suspended_at = 1 WHERE email = 'suspended@localhost'").run();
      });
      const visit = await dashboard.visit(suspended);
      expect((await visit.go("/dashboard")).status()).toBe(403);
      await visit.page
        .getByRole("heading", { name: "The account is suspended." })
        .or(visit.page.getByRole("heading", { name: /suspended/ }))
        .first()
        .waitFor();
      expect(await visit.page.locator("main").textContent()).toMatch(/account_suspended · req/);
      await expectSoundHere(visit);
      await visit.leave();
    });
  });

  describe("the theme", () => {
    it("follows the system until one is chosen, with and without scripts, and does not flash", async () => {
      for (const javaScriptEnabled of [true, false]) {
        const visit = await dashboard.visit(you, { javaScriptEnabled, colorScheme: "light" });
        const { page } = visit;
        const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
        await visit.go("/dashboard/transfers");
        const light = await ground();
        await page.getByRole("button", { name: "dark", exact: true }).click();
        await page.locator('html[data-theme="dark"]').waitFor({ state: "attached" });
        await visit.go("/dashboard/transfers?again");
        expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
        if (javaScriptEnabled) expect(await ground()).not.toBe(light);
        await page.getByRole("button", { name: "system", exact: true }).click();
        await page.locator("html:not([data-theme])").waitFor({ state: "attached" });
        expect(visit.complaints).toEqual([]);
        await visit.leave();
      }
    });
  });
});
