import { describe, expect, it } from "vitest";
import { AIDER, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

const page = async (visitor: Visitor, path = "/dashboard") => (await visitor.get(path)).text();

async function create(tenant: Tenant, over: object = {}, query = "?wait=60"): Promise<string> {
  const { body } = await tenant.call("POST", `/api/instances${query}`, { ...AIDER, ...over });
  return body.id;
}

describe("the list of instances", () => {
  it("says what runs, why, since when and what it costs, and nothing of another account", async () => {
    const [tenant, other] = [await newTenant(), await newTenant()];
    const [visitor, stranger] = [await newVisitor(tenant.accountId), await newVisitor(other.accountId)];
    expect(await page(visitor)).toContain("No instances yet");
    const id = await create(tenant, { name: "first of all" });
    const text = await page(visitor);
    expect(text).toContain("first of all");
    expect(text).toContain("state-running");
    expect(text).toContain("Runs until it is stopped");
    expect(text).toContain("gpt-4o");
    expect(text).toContain("iad");
    expect(text).toMatch(/<span data-since="\d+">/);
    expect(text).toMatch(/\$0\.\d{4} <small>est\.<\/small>/);
    expect(await page(stranger)).not.toContain(id);
  });
});
