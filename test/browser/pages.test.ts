/** What must hold on every page, whoever has whatever: an account with a life, one with nothing, one with a thousand instances. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Dashboard, isBrowserInstalled, type Person, type Visit } from "./harness.ts";

const OPEN = ["/", "/sign-in", "/docs"];
const OWN = [
  "/dashboard",
  "/dashboard/instances/new",
  "/dashboard/history",
  "/dashboard/usage",
  "/dashboard/audit",
  "/dashboard/transfers",
  "/dashboard/settings",
  "/dashboard/settings/tokens",
  "/dashboard/settings/sessions",
  "/dashboard/settings/members",
  "/dashboard/settings/providers",
];
const ONE = ["", "/terminal", "/logs", "/exec"];

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

  async function expectSound(path: string, status = 200): Promise<void> {
    const response = await visit.go(path);
    expect(response.status(), path).toBe(status);
    expect(await visit.page.locator("h1").count(), "headings of the first order").toBe(1);
    visit.expectCalm();
    await visit.expectAccessible();
    await visit.expectFits();
    await visit.expectLight(path);
    expect(visit.complaints).toEqual([]);
  }

  it.each([...OPEN, ["/nothing-here", 404] as const].flat().filter((path) => typeof path === "string"))(
    "is sound for anybody: %s",
    async (path) => {
      visit = await dashboard.visit();
      await expectSound(path, path === "/nothing-here" ? 404 : 200);
    },
  );

  it.each(OWN)("is sound for who is signed in: %s", async (path) => {
    visit = await dashboard.visit(you);
    await expectSound(path);
  });

  it.each(ONE)("is sound of one instance: …%s", async (place) => {
    visit = await dashboard.visit(you);
    await expectSound(`/dashboard/instances/${id}${place}`);
  });
});
