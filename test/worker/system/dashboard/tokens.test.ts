import { beforeAll, describe, expect, it } from "vitest";
import { call, newTenant, type Tenant } from "../../harness.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

const PLACE = "/dashboard/settings/tokens";

let owner: Tenant;
let visitor: Visitor;
beforeAll(async () => {
  owner = await newTenant();
  visitor = await newVisitor(owner.accountId);
});

const whoIs = (token: string) =>
  call("GET", "/api/account", { headers: { Authorization: `Bearer ${token}` } });

async function mint(name: string): Promise<{ page: string; token: string; status: number }> {
  const answer = await visitor.post(PLACE, { name });
  const page = await answer.text();
  return { page, token: /gn_live_[a-z2-7]{52}/.exec(page)?.[0] ?? "", status: answer.status };
}

describe("/dashboard/settings/tokens", () => {
  it("mints a token that works at once, is shown once, and is nothing once it is revoked", async () => {
    const { token, status, page } = await mint("laptop");
    expect(status).toBe(200);
    expect(page).toContain("This is the only time it is shown.");
    expect((await whoIs(token)).body.account.id).toBe(owner.accountId);

    const list = await (await visitor.get(PLACE)).text();
    expect(list).not.toContain(token);
    expect(list).toContain(`${token.slice(0, 12)}`);
    expect(list).toContain("laptop");
    const id = (await owner.call("GET", "/api/tokens")).body.tokens.find(
      (each: any) => each.name === "laptop",
    ).id;
    expect(list).toContain(`action="${PLACE}/${id}/revoke"`);

    const revoked = await visitor.post(`${PLACE}/${id}/revoke`);
    expect([revoked.status, revoked.headers.get("location")]).toEqual([303, `${PLACE}?done=revoked`]);
    expect((await whoIs(token)).status).toBe(401);
    const after = await (await visitor.get(`${PLACE}?done=revoked`)).text();
    expect(after).toContain("from the next request on it is nothing");
    expect(after).not.toContain("laptop");
    const [gone, minted] = (await owner.call("GET", "/api/audit?limit=2")).body.events;
    expect([gone.action, minted.action]).toEqual(["token.revoke", "token.create"]);
    expect(gone.actor).toBe(`user:${visitor.personId}`);
    expect(JSON.stringify([gone, minted])).not.toContain(token);
  });

  it("shows a name that somebody chose as text", async () => {
    const { page } = await mint('<img src=x onerror="y">');
    expect(page).toContain("&lt;img src=x onerror=&quot;y&quot;&gt;");
    expect(page).not.toContain("<img");
  });

  it("says what is wrong with a name, and keeps it", async () => {
    const nameless = await visitor.post(PLACE, { name: "  " });
    expect(nameless.status).toBe(400);
    expect(await nameless.text()).toContain("Give it a name.");
    const long = await visitor.post(PLACE, { name: "x".repeat(101) });
    expect(long.status).toBe(400);
    expect(await long.text()).toContain(`value="${"x".repeat(101)}"`);
  });

  it("neither shows nor revokes a token of another account", async () => {
    const stranger = await newVisitor((await newTenant()).accountId);
    const refused = await stranger.post(`${PLACE}/${owner.tokenId}/revoke`);
    const unknown = await stranger.post(`${PLACE}/tok_nowhere/revoke`);
    expect([refused.status, unknown.status]).toEqual([404, 404]);
    expect((await whoIs(owner.token)).status).toBe(200);
    expect(await (await stranger.get(PLACE)).text()).not.toContain(owner.tokenId);
  });

  it("changes nothing by a request that is not a form of this session", async () => {
    const before = (await owner.call("GET", "/api/tokens")).body.tokens.length;
    expect((await visitor.post(PLACE, { name: "forged", formToken: "" })).status).toBe(403);
    expect((await visitor.get(`${PLACE}/${owner.tokenId}/revoke`)).status).toBe(404);
    expect((await owner.call("GET", "/api/tokens")).body.tokens.length).toBe(before);
  });
});

it("the settings say who one is, and where everything is", async () => {
  const page = await (await visitor.get("/dashboard/settings")).text();
  expect(page).toContain(visitor.email);
  expect(page).toContain(owner.accountId);
  for (const place of ["tokens", "sessions", "members", "providers"]) {
    expect(page).toContain(`href="/dashboard/settings/${place}"`);
  }
});
