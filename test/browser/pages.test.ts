/** What must hold on every page, whoever has whatever: an account with a life, one with nothing, one with a thousand instances. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Dashboard, isBrowserInstalled, type Person, type Visit } from "./harness.ts";
import { OF_AN_INSTANCE, OPEN, OWN } from "./places.ts";
import { expectSound } from "./sound.ts";

describe.runIf(isBrowserInstalled)("every page", () => {
  let dashboard: Dashboard;
  let you: Person;
  let id: string;
  let visit: Visit;

  beforeAll(async () => {
    dashboard = await Dashboard.open();
    you = await dashboard.signIn("you@localhost");
    ({ id } = await dashboard.stack.create({ name: "docs-writer" }));
  });
  afterEach(() => visit?.leave());
  afterAll(() => dashboard?.close());

  it.each(OPEN)("is sound for anybody: %s", async (path) => {
    visit = await dashboard.visit();
    await expectSound(visit, path);
  });

  it.each(OWN)("is sound for who is signed in: %s", async (path) => {
    visit = await dashboard.visit(you);
    await expectSound(visit, path);
  });

  it.each(OF_AN_INSTANCE)("is sound of one instance: …%s", async (place) => {
    visit = await dashboard.visit(you);
    await expectSound(visit, `/dashboard/instances/${id}${place}`);
  });

  it("is sound where there is none", async () => {
    visit = await dashboard.visit();
    await expectSound(visit, "/nothing-here", 404);
    visit = await dashboard.visit(you);
    await expectSound(visit, `/dashboard/instances/${id.slice(0, -4)}none`, 404);
    expect(await visit.page.getByRole("navigation", { name: "Places" }).count()).toBe(1);
  });
});
