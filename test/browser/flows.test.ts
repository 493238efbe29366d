/** What people come for, from the first sign-in to the last delete: in a browser, and where it is promised without its scripts. */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../e2e/stack.ts";
import { Dashboard, isBrowserInstalled, type Person, type Visit } from "./harness.ts";
import { expectCalm, expectSoundHere } from "./sound.ts";

describe.runIf(isBrowserInstalled)("from the first sign-in to the last delete", () => {
  let dashboard: Dashboard;
  let you: Person;
  let grace: Person;
  let visit: Visit;
  let page: Page;
  /** Made in the browser, and handed on in the end. */
  let id: string;

  beforeAll(async () => {
    dashboard = await Dashboard.open();
    you = await dashboard.signIn("you@localhost");
    grace = await dashboard.signIn("grace@localhost");
    visit = await dashboard.visit(you);
    page = visit.page;
  });
  afterAll(() => dashboard?.close());

  const badge = (state: string): Locator =>
    page.locator("main .badge").getByText(state, { exact: true }).first();
  const press = (name: string) => page.locator("main").getByRole("button", { name, exact: true }).click();

  /** Its address as it is shown to whoever asks for it, without a script. */
  async function addressOf(who: Person): Promise<URL> {
    const other = await dashboard.visit(who, { javaScriptEnabled: false });
    await other.go(`/dashboard/instances/${id}/url`);
    const url = new URL((await other.page.locator("main code").first().textContent()) ?? "");
    await other.leave();
    return url;
  }

  const visitInstance = (url: URL) =>
    dashboard.stack.visit(url.hostname.split(".")[0] ?? "", { accept: "text/html" });

  describe("an account", () => {
    it("is made by the first sign-in, and begins with nothing", async () => {
      const theirs = await dashboard.visit(grace);
      await theirs.go("/dashboard");
      await theirs.page.getByRole("heading", { name: /no instances/i }).waitFor();
      await expectSoundHere(theirs);
      await theirs.leave();
    });

    it("gets a token that the command line uses, until it is revoked", async () => {
      await visit.go("/dashboard/settings/tokens");
      await page.getByLabel("Name of a new token").fill("from the browser");
      await press("Mint a token");
      const token = (await page.locator("[data-once] code").textContent()) ?? "";
      expect(token).toMatch(/^gn_live_/);
      await expectSoundHere(visit);
      expect((await dashboard.stack.cliAs(token, ["tokens", "list"])).stdout).toContain("from the browser");

      await visit.go("/dashboard/settings/tokens");
      expect(await page.textContent("body")).not.toContain(token);
      const row = page.getByRole("row").filter({ hasText: "from the browser" });
      await row.locator("summary").click();
      await row.getByRole("button", { name: "Revoke" }).click();
      await page.getByRole("status").filter({ hasText: "revoked" }).waitFor();
      expect((await dashboard.stack.cliAs(token, ["tokens", "list"])).code).not.toBe(0);
      expectCalm(visit);
    });
  });

  describe("an instance", () => {
    it("is created in one form, and is watched until it runs", async () => {
      // Slow enough at the vendor to be seen on its way.
      const match = { method: "POST", path: "^/v1/apps/[^/]+/machines$", count: 1 };
      await dashboard.stack.fault({ kind: "latency", ms: 2_500, match });
      await visit.go("/dashboard/instances/new");
      await page.getByLabel(/^Aider/).check();
      await page.getByLabel("Model key").fill("sk-test-of-the-browser");
      await page.getByText("More: name").click();
      await page.getByLabel("Name", { exact: true }).fill("from-the-browser");
      await press("Create");
      await page.waitForURL(/\/dashboard\/instances\/cmp/);
      id = page.url().split("/").at(-1) ?? "";
      await page.getByRole("heading", { name: "Being made" }).waitFor();
      await page.locator("[aria-current=step]").first().waitFor();
      await badge("running").waitFor();
      expect(await page.content()).not.toContain("sk-test-of-the-browser");
      expect(visit.complaints).toEqual([]);
    });

    it("is stopped: its URL says so; and is started again", async () => {
      await visit.go(`/dashboard/instances/${id}`);
      const url = await addressOf(you);
      expect(await page.content()).not.toContain(url.hostname);
      expect((await visitInstance(url)).status).toBe(200);
      await press("Stop");
      await badge("stopped").waitFor();
      const stopped = await until("the URL to say so", async () => {
        const answer = await visitInstance(url);
        return answer.status === 502 && answer;
      });
      expect(stopped.text).toContain("Stopped");
      await press("Start");
      await badge("running").waitFor();
      await until("the URL to answer", async () => (await visitInstance(url)).status === 200);
      expect(visit.complaints).toEqual([]);
    });

    it("shows its address to whoever asks, and hides it again", async () => {
      await visit.go(`/dashboard/instances/${id}`);
      await page.locator("[data-reveal]").getByText("Show").click();
      const url = await addressOf(you);
      await page
        .getByText(url.hostname)
        .or(page.locator(`input[value*="${url.hostname}"]`))
        .first()
        .waitFor();
      expectCalm(visit);
    });

    it("is stopped and started in the same way without JavaScript", async () => {
      const plain = await dashboard.visit(you, { javaScriptEnabled: false });
      await plain.go(`/dashboard/instances/${id}`);
      for (const [action, state] of [
        ["Stop", "stopped"],
        ["Start", "running"],
      ] as const) {
        await plain.page.locator("main").getByRole("button", { name: action, exact: true }).click();
        await plain.page.getByText("was accepted").waitFor();
        await until(`it to be ${state}`, async () => {
          await plain.go(`/dashboard/instances/${id}`);
          return (await plain.page.locator(`main .badge.state-${state}`).count()) > 0;
        });
      }
      expect(plain.complaints).toEqual([]);
      await plain.leave();
    });
  });

  describe("another account", () => {
    it("sees nothing of it, and can do nothing to it", async () => {
      const theirs = await dashboard.visit(grace);
      for (const place of ["", "/terminal", "/logs", "/exec", "/url", "/events", "/traffic", "/usage.csv"]) {
        const path = `/dashboard/instances/${id}${place}`;
        expect((await theirs.go(path)).status(), path).toBe(404);
      }
      for (const path of ["/dashboard", "/dashboard/history", "/dashboard/usage", "/dashboard/audit"]) {
        await theirs.go(path);
        expect(await theirs.page.content(), path).not.toContain(id);
      }
      // The same form as the owner's, with a session and a form token of their own.
      const formToken = await theirs.page.locator('input[name="formToken"]').first().inputValue();
      for (const action of ["stop", "delete", "transfer", "clone", "rotate-url"]) {
        const response = await theirs.context.request.post(
          `${dashboard.origin}/dashboard/instances/${id}/${action}`,
          { form: { formToken, confirmation: "from-the-browser" }, headers: { origin: dashboard.origin } },
        );
        expect(response.status(), action).toBe(404);
      }
      expect((await dashboard.stack.instance(id)).status).toBe("running");
      await theirs.leave();
    });
  });

  describe("a transfer", () => {
    it("is offered by one person and accepted by another, whose it is from then on", async () => {
      await visit.go(`/dashboard/instances/${id}`);
      await page.locator("summary").filter({ hasText: "Transfer" }).click();
      await page.getByLabel(/^To \(/).fill("grace@localhost");
      await press("Offer");
      await page.getByText("The offer was made").waitFor();

      const theirs = await dashboard.visit(grace);
      await theirs.go("/dashboard/transfers");
      await expectSoundHere(theirs);
      const offer = theirs.page.locator("article").filter({ hasText: "from-the-browser" });
      await offer.locator("summary").filter({ hasText: "Accept" }).click();
      await offer.getByLabel(/^Your model key/).fill("sk-test-of-grace");
      await offer.getByRole("button", { name: "Accept", exact: true }).click();
      await until("it to run at its new owner's", async () => {
        const answer = await theirs.go(`/dashboard/instances/${id}`);
        return (
          answer.status() === 200 && (await theirs.page.locator("main .badge.state-running").count()) > 0
        );
      });
      expect((await visit.go(`/dashboard/instances/${id}`)).status()).toBe(404);
      expect((await visitInstance(await addressOf(grace))).status).toBe(200);
      await theirs.leave();
    });
  });

  describe("the end", () => {
    it("is a delete with its name typed, after which it is history", async () => {
      const theirs = await dashboard.visit(grace);
      const at = `/dashboard/instances/${id}`;
      await theirs.go(at);
      const open = () => theirs.page.locator("summary").filter({ hasText: "Delete" }).click();
      await open();
      await theirs.page.getByLabel(/^Type its name/).fill("something else");
      await theirs.page.getByRole("button", { name: /^Delete/ }).click();
      await theirs.page.locator(".mistake").waitFor();
      await theirs.page.getByLabel(/^Type its name/).fill("from-the-browser");
      await theirs.page.getByRole("button", { name: /^Delete/ }).click();
      await until("it to be gone", async () => {
        await theirs.go(at);
        return (await theirs.page.locator("main .badge.state-deleted").count()) > 0;
      });
      await theirs.go("/dashboard/history");
      await theirs.page.getByRole("link", { name: "from-the-browser", exact: true }).waitFor();
      await expectSoundHere(theirs);
      await theirs.leave();
    });

    it("of a session is signing out: the cookie of before is nothing", async () => {
      const theirs = await dashboard.visit(grace);
      await theirs.go("/dashboard");
      await theirs.page.locator("details.menu summary").click();
      await theirs.page.getByRole("button", { name: "Sign out" }).click();
      await theirs.page.waitForURL(/\/sign-in/);
      await theirs.leave();
      const again = await dashboard.visit(grace);
      await again.go("/dashboard");
      expect(again.page.url()).toContain("/sign-in?next=");
      await again.leave();
    });
  });
});
