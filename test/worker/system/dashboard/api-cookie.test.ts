import { describe, expect, it } from "vitest";
import { call, env, newTenant, worker } from "../../harness.ts";
import { newVisitor } from "../../visitor.ts";

const OURS = { Origin: "http://localhost" };

async function arrange(role: "owner" | "member" = "owner") {
  const tenant = await newTenant();
  const visitor = await newVisitor(tenant.accountId, role);
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    call(method, path, { body, headers: { Cookie: visitor.cookie, ...headers } });
  return { tenant, visitor, ask };
}

describe("the dashboard's session, in the API", () => {
  it("is taken where there is no token, and is the person's doing", async () => {
    const { tenant, visitor, ask } = await arrange();
    expect((await ask("GET", "/api/account")).body.account.id).toBe(tenant.accountId);
    const made = await ask("POST", "/api/tokens", { name: "laptop" }, OURS);
    expect(made.status).toBe(201);
    const event = await env.DB.prepare("SELECT actor, action FROM audit_events WHERE target = ?")
      .bind(made.body.token.id)
      .first();
    expect(event).toEqual({ actor: `user:${visitor.personId}`, action: "token.create" });
  });

  it("counts for nothing beside a token, be it good or not", async () => {
    const { ask } = await arrange();
    const other = await newTenant();
    const bearer = { Authorization: `Bearer ${other.token}` };
    expect((await ask("GET", "/api/account", undefined, bearer)).body.account.id).toBe(other.accountId);
    for (const Authorization of ["Bearer gn_live_wrong", "Basic x", "Bearer"]) {
      expect((await ask("GET", "/api/account", undefined, { Authorization })).status).toBe(401);
    }
  });

  it.each([
    ["no origin", {}],
    ["another origin", { Origin: "https://evil.example" }],
    ["an agent's page, which is on the same site", { Origin: "http://cl-x7k2m9q4.localhost" }],
    ["a page that hides its origin", { Origin: "null" }],
    ["a scheme that is another", { Origin: "https://localhost" }],
    ["a browser that says that it was another site", { ...OURS, "Sec-Fetch-Site": "same-site" }],
    ["one that says nobody was asked", { ...OURS, "Sec-Fetch-Site": "none" }],
  ])("changes nothing for a request from %s", async (_, headers) => {
    const { tenant, ask } = await arrange();
    const calls = [
      ["POST", "/api/tokens", { name: "stolen" }],
      ["DELETE", `/api/tokens/${tenant.tokenId}`, undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      const answer = await ask(method, path, body, headers);
      expect([answer.status, answer.body.code]).toEqual([403, "forbidden"]);
    }
    const { body } = await tenant.call("GET", "/api/tokens");
    expect(body.tokens.map(({ id }: { id: string }) => id)).toEqual([tenant.tokenId]);
  });

  it("may be read with from anywhere, since nobody else sees the answer", async () => {
    const { ask } = await arrange();
    const answer = await ask("GET", "/api/account", undefined, { Origin: "https://evil.example" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("that has ended is no credential", async () => {
    const { visitor, ask } = await arrange();
    await env.DB.prepare("UPDATE sessions SET ended_at = 1 WHERE id = ?").bind(visitor.sessionId).run();
    expect((await ask("GET", "/api/account")).status).toBe(401);
  });

  it("of a suspended account is told so", async () => {
    const { tenant, ask } = await arrange();
    await env.DB.prepare("UPDATE accounts SET suspended_at = 1 WHERE id = ?").bind(tenant.accountId).run();
    expect((await ask("GET", "/api/account")).body.code).toBe("account_suspended");
  });
});

describe("a terminal by cookie", () => {
  async function closeOf(headers: Record<string, string>): Promise<[number, string]> {
    const { visitor } = await arrange();
    const { webSocket } = await worker.fetch("http://localhost/api/instances/nothing-here/terminal", {
      headers: { Upgrade: "websocket", Cookie: visitor.cookie, ...headers },
    });
    if (!webSocket) throw new Error("no WebSocket");
    webSocket.accept();
    return new Promise((resolve) => {
      webSocket.addEventListener("close", ({ code, reason }) => resolve([code, reason]));
    });
  }

  it("opens for a page of ours alone", async () => {
    // Let in: only then is the instance looked for.
    expect(await closeOf(OURS)).toEqual([4400, expect.stringContaining("nothing-here")]);
    for (const headers of [{}, { Origin: "http://cl-x7k2m9q4.localhost" }] as Record<string, string>[]) {
      expect(await closeOf(headers)).toEqual([4401, expect.stringContaining("own pages")]);
    }
  });
});

describe("roles", () => {
  it("a member makes tokens and revokes their own, and no others; what they make may do no more than they", async () => {
    const { tenant, ask } = await arrange("member");
    const { body } = await ask("POST", "/api/tokens", { name: "mine" }, OURS);
    const byToken = { Authorization: `Bearer ${body.plaintext}` };
    const second = await call("POST", "/api/tokens", { body: { name: "next" }, headers: byToken });
    for (const headers of [byToken, { Authorization: `Bearer ${second.body.plaintext}` }]) {
      const refused = await call("DELETE", `/api/tokens/${tenant.tokenId}`, { headers });
      expect([refused.status, refused.body.code]).toEqual([403, "forbidden"]);
      const offer = { body: { to: "ada@example.com" }, headers };
      expect((await call("POST", "/api/instances/nothing-here/transfer", offer)).status).toBe(403);
    }
    expect((await ask("POST", "/api/transfers/trf_x/accept", {}, OURS)).status).toBe(403);
    expect((await ask("POST", "/api/transfers/trf_x/decline", {}, OURS)).status).toBe(403);
    expect((await ask("DELETE", `/api/tokens/${second.body.token.id}`, undefined, OURS)).status).toBe(200);
    expect((await ask("DELETE", `/api/tokens/${body.token.id}`, undefined, OURS)).status).toBe(200);
  });

  it("an owner may all of it", async () => {
    const { tenant, ask } = await arrange();
    expect((await ask("POST", "/api/transfers/trf_x/accept", {}, OURS)).status).toBe(404);
    expect((await ask("DELETE", `/api/tokens/${tenant.tokenId}`, undefined, OURS)).status).toBe(200);
  });

  it("are taken as they are now, also behind a token that was made before", async () => {
    const { visitor, ask } = await arrange();
    const { body } = await ask("POST", "/api/tokens", { name: "mine" }, OURS);
    const headers = { Authorization: `Bearer ${body.plaintext}` };
    const accept = () => call("POST", "/api/transfers/trf_x/accept", { body: {}, headers });
    expect((await accept()).status).toBe(404);
    await env.DB.prepare("UPDATE members SET role = 'member' WHERE person_id = ?")
      .bind(visitor.personId)
      .run();
    expect((await accept()).status).toBe(403);
    await env.DB.prepare("DELETE FROM members WHERE person_id = ?").bind(visitor.personId).run();
    expect((await accept()).status).toBe(401);
  });
});
