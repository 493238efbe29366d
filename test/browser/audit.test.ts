/** The button that recomputes the audit chains in the browser: before and after somebody has edited the database. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../e2e/stack.ts";
import { Dashboard, isBrowserInstalled, type Person, type Visit } from "./harness.ts";
import { withRecords } from "./records.ts";

const ACCOUNT = "acc_local";

describe.runIf(isBrowserInstalled)("verifying the audit events in the browser", () => {
  let dashboard: Dashboard;
  let person: Person;
  let changed: string;
  let shortened: string;

  beforeAll(async () => {
    dashboard = await Dashboard.open();
    person = await dashboard.signIn("you@localhost");
    const { stack } = dashboard;
    const make = async (name: string) => {
      const { id } = await stack.create({ name });
      await stack.run(["compute", "exec", id, "--", "echo", "harmless"]);
      await until("the command to be written down", async () => {
        const { body } = await stack.api("GET", `/api/audit?chain=${id}`);
        return body.events.some(({ action }: { action: string }) => action === "instance.exec");
      });
      return id;
    };
    changed = await make("changed");
    shortened = await make("shortened");
    // What a computer that was off has missed is made up for at the start: the signing too.
    await dashboard.restart();
    await until("the heads to be signed", async () => {
      const { body } = await dashboard.stack.api("GET", "/api/audit/heads");
      return body.heads.length >= 3;
    });
  });
  afterAll(() => dashboard?.close());

  /** Presses the button; what the dialog says in the end. */
  async function verify(visit: Visit): Promise<string> {
    await visit.go("/dashboard/audit");
    await visit.page.getByRole("button", { name: "Verify in this browser" }).click();
    await visit.page.locator("#verify-dialog .verdict").waitFor();
    const said = await visit.page.locator("#verify-dialog").textContent();
    return (said ?? "").replaceAll(/\s+/g, " ");
  }

  it("says that all is as it was written, and what it has checked", async () => {
    const visit = await dashboard.visit(person);
    const loaded: string[] = [];
    visit.page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    await visit.go("/dashboard/audit");
    expect(loaded.filter((path) => path.includes("audit-verify"))).toEqual([]);
    const said = await verify(visit);
    expect(said).toContain("✓ Everything is as it was written.");
    const { body } = await dashboard.stack.api("GET", "/api/audit");
    expect(said).toContain(`${body.events.length} events in 3 chains`);
    expect(said).toMatch(/[3-9] signed heads: each signature checked with \d published keys/);
    expect(said).toContain("3 of 3 chains are held by a signature");
    // It was computed here: the events, the heads and the keys came, and no verdict.
    expect(loaded.filter((path) => path.startsWith("/api/") || path.includes("jwks")).sort()).toEqual([
      "/.well-known/jwks.json",
      "/api/audit",
      "/api/audit/heads",
    ]);
    expect(await visit.findBarriers()).toEqual([]);
    expect(visit.moved).toEqual({ shift: 0, what: [] });
    await visit.page.getByRole("button", { name: "Close" }).click();
    expect(await visit.page.locator("#verify-dialog").isVisible()).toBe(false);
    expect(visit.complaints).toEqual([]);
    await visit.leave();
  });

  it("names exactly what was changed and what is missing, after somebody has edited the database", async () => {
    withRecords(dashboard.stack.state, (records) => {
      records.exec("DROP TRIGGER audit_is_append_only; DROP TRIGGER audit_is_never_deleted");
      records
        .prepare("UPDATE audit_events SET detail = replace(detail, 'harmless', 'rewritten') WHERE chain = ?")
        .run(changed);
      records
        .prepare(
          "DELETE FROM audit_events WHERE chain = ? AND seq = (SELECT max(seq) FROM audit_events WHERE chain = ?)",
        )
        .run(shortened, shortened);
      records.prepare("DELETE FROM audit_events WHERE chain = ? AND seq = 2").run(ACCOUNT);
    });
    const visit = await dashboard.visit(person);
    const said = await verify(visit);
    expect(said).toContain("✗ 3 of 3 chains are not as written.");
    expect(said).toMatch(
      new RegExp(
        `In the chain ${changed}: event \\d+ \\(aud_\\w+, instance\\.exec at .* was changed \\(changed\\)`,
      ),
    );
    expect(said).toMatch(new RegExp(`In the chain ${shortened}: event \\d+ is missing \\(missing\\)`));
    expect(said).toContain(`In the chain ${ACCOUNT}: event 2 is missing (missing)`);
    expect(await visit.findBarriers()).toEqual([]);
    await visit.leave();
  });

  it("says why where it cannot be done: whoever is signed out meanwhile is told so", async () => {
    const visit = await dashboard.visit(person);
    await visit.go("/dashboard/audit");
    await visit.context.clearCookies();
    await visit.page.getByRole("button", { name: "Verify in this browser" }).click();
    await visit.page.getByText("It could not be verified").waitFor();
    await visit.leave();
  });

  it("without JavaScript leads to the command that does the same", async () => {
    const visit = await dashboard.visit(person, { javaScriptEnabled: false });
    await visit.go("/dashboard/audit");
    expect(await visit.page.getByRole("button", { name: "Verify in this browser" }).isDisabled()).toBe(true);
    expect(await visit.page.locator("main").textContent()).toContain("gentity audit verify");
    await visit.leave();
  });
});
