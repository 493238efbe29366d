import { describe, expect, it } from "vitest";
import { env, newTenant, worker } from "../../harness.ts";
import { newVisitor } from "../../visitor.ts";

const at = (path: string, headers: Record<string, string> = {}) =>
  worker.fetch(`http://localhost${path}`, {
    redirect: "manual",
    headers: { Accept: "text/html", ...headers },
  });

describe("every page", () => {
  it("sends whoever is not signed in to sign in, and back", async () => {
    const answer = await at("/dashboard/usage?from=2026-11-01");
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(
      `/sign-in?next=${encodeURIComponent("/dashboard/usage?from=2026-11-01")}`,
    );
  });

  it("runs nothing that is not a file of ours, is in no frame and is kept by nobody", async () => {
    const answer = await at("/nothing-here");
    expect(answer.status).toBe(404);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
    const page = await answer.text();
    expect(page).toContain("There is no such page.");
    expect(page).not.toMatch(/<style|style=|<script(?! type="module" src="\/assets\/)|https?:\/\//);
  });

  it("loads its files by their content, to be kept for ever", async () => {
    const page = await (await at("/nothing-here")).text();
    const paths = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
    expect(paths).toHaveLength(2);
    for (const path of paths) {
      const answer = await at(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("cache-control")).toContain("immutable");
      const [, folder, , name] = path.split("/");
      expect((await at(`/${folder}/000000000000/${name}`)).status).toBe(404);
    }
  });
});

describe("a session", () => {
  it.each([
    ["was ended", "UPDATE sessions SET ended_at = 1 WHERE id = ?"],
    ["has expired", "UPDATE sessions SET expires_at = 1 WHERE id = ?"],
    ["was not used for a week", "UPDATE sessions SET last_seen_at = last_seen_at - 604800001 WHERE id = ?"],
    [
      "is of somebody who is no longer a member",
      "DELETE FROM members WHERE person_id = (SELECT person_id FROM sessions WHERE id = ?)",
    ],
  ])("that %s is none", async (_, change) => {
    const visitor = await newVisitor((await newTenant()).accountId);
    expect((await visitor.get("/dashboard/nothing-here")).status).toBe(404);
    await env.DB.prepare(change).bind(visitor.sessionId).run();
    expect((await visitor.get("/dashboard/nothing-here")).status).toBe(303);
  });

  it("changes nothing by a form that is not its own", async () => {
    const { accountId } = await newTenant();
    const [visitor, other] = [await newVisitor(accountId), await newVisitor(accountId)];
    expect((await visitor.post("/dashboard/nothing-here")).status).toBe(404);
    const refused = await visitor.post("/dashboard/nothing-here", { formToken: other.formToken });
    expect(refused.status).toBe(403);
    expect((await visitor.post("/dashboard/nothing-here", {}, { Origin: "http://x.localhost" })).status).toBe(
      403,
    );
  });
});
