import { beforeAll, describe, expect, it } from "vitest";
import { AIDER, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

let tenant: Tenant;
let visitor: Visitor;
beforeAll(async () => {
  tenant = await newTenant();
  visitor = await newVisitor(tenant.accountId);
});

const SECRETS = { ...AIDER, apiKey: "sk-the-model-key", env: { OWN_NAME: "own-secret-value" } };

async function make(fields: Record<string, unknown> = {}) {
  const { status, body } = await tenant.call("POST", "/api/instances?wait=60", { ...SECRETS, ...fields });
  expect(status).toBe(201);
  return body as { id: string; subdomain: string; url: string };
}

async function page(path: string, who = visitor): Promise<string> {
  const answer = await who.get(path);
  expect(answer.status).toBe(200);
  return answer.text();
}

describe("the page of an instance", () => {
  it("tells all of it, and no secret", async () => {
    const { id, subdomain } = await make({ name: "Reviewer", labels: { team: "red" } });
    const text = await page(`/dashboard/instances/${id}`);
    expect(text).toContain("<h1>Reviewer</h1>");
    expect(text).toContain("state-running");
    for (const fact of [id, "gpt-4o", "team=red", "OWN_NAME"]) {
      expect(text).toContain(fact);
    }
    for (const secret of [subdomain, SECRETS.apiKey, SECRETS.env.OWN_NAME]) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/ style=|<style|<script(?! type="module" src="\/assets\/)/);
  });

  it("is found by its subdomain and by the beginning of either, and then called by its id", async () => {
    const { id, subdomain } = await make();
    for (const name of [subdomain, subdomain.slice(0, -1), id.slice(0, -1)]) {
      const answer = await visitor.get(`/dashboard/instances/${name}`);
      expect(answer.status).toBe(303);
      expect(answer.headers.get("location")).toBe(`/dashboard/instances/${id}`);
    }
  });

  it("is to another account the page of one that never was", async () => {
    const { id, subdomain } = await make();
    const stranger = await newVisitor((await newTenant()).accountId);
    for (const name of [id, subdomain, id.slice(0, -1)]) {
      expect((await stranger.get(`/dashboard/instances/${name}`)).status).toBe(404);
    }
  });
});
