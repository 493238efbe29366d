import { describe, expect, it } from "vitest";
import { newTokenPlaintext } from "../../../src/ids.ts";
import { call, env, newTenant, operate } from "../harness.ts";

/** Every endpoint of the operator. */
const ENDPOINTS: [method: string, path: string, body?: unknown][] = [
  ["POST", "/api/admin/accounts", { email: "never@example.com" }],
  ["GET", "/api/admin/accounts"],
  ["PATCH", "/api/admin/accounts/:id", { suspended: true }],
  ["POST", "/api/admin/agents/:id/releases", {}],
  ["GET", "/api/admin/instances"],
  ["GET", "/api/admin/sweep"],
];

let made = 0;
const newEmail = () => `person-${Date.now()}-${made++}@example.com`;

async function eventsOf(accountId: string) {
  const { results } = await env.DB.prepare(
    "SELECT action, actor, detail FROM audit_events WHERE account_id = ? ORDER BY id",
  )
    .bind(accountId)
    .all<{ action: string; actor: string; detail: string }>();
  return results.map(({ detail, ...event }) => ({ ...event, detail: JSON.parse(detail) }));
}

describe("the contract of the test", () => {
  it("covers every operation of the operator in the API's description", async () => {
    const { body } = await call("GET", "/openapi.json");
    const described = Object.entries<Record<string, { security: object[] }>>(body.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods)
          .filter(([, operation]) => operation.security.some((scheme) => "operator" in scheme))
          .map(([method]) => `${method.toUpperCase()} ${path.replace("{id}", ":id")}`),
    );
    expect(ENDPOINTS.map(([method, path]) => `${method} ${path}`).sort()).toEqual(described.sort());
  });
});

describe.each(ENDPOINTS)("%s %s", (method, path, body) => {
  it.each([
    ["no token", () => ({})],
    ["a wrong secret", () => ({ Authorization: "Bearer operator-of-the-testS" })],
    ["the secret's beginning", () => ({ Authorization: "Bearer operator-of-the-test" })],
    ["another scheme", () => ({ Authorization: `Basic ${env.ADMIN_TOKEN}` })],
    ["an unknown account's token", () => ({ Authorization: `Bearer ${newTokenPlaintext()}` })],
    ["an account's token", async () => ({ Authorization: `Bearer ${(await newTenant()).token}` })],
  ])("answers %s as if there were nothing", async (_, headersOf) => {
    const headers = (await headersOf()) as Record<string, string>;
    const answer = await call(method, path, { body, headers });
    const nothing = await call(method, "/api/admin/nothing", { body, headers });
    expect(answer.status).toBe(404);
    expect(answer.headers.has("WWW-Authenticate")).toBe(false);
    const strip = ({ requestId: _, ...rest }: any, at: string) => JSON.stringify(rest).replaceAll(at, "PATH");
    expect(strip(answer.body, path)).toBe(strip(nothing.body, "/api/admin/nothing"));
  });
});

describe("without ADMIN_TOKEN", () => {
  it("nobody is the operator, not even with an empty secret", async () => {
    const { authenticateOperator } = await import("../../../src/api/middleware/authenticate-operator.ts");
    const { newRouter } = await import("../../../src/api/route.ts");
    const app = newRouter()
      .use(authenticateOperator)
      .all("*", (c) => c.text("in"));
    for (const Authorization of ["Bearer ", "Bearer undefined", `Bearer ${env.ADMIN_TOKEN}`]) {
      for (const ADMIN_TOKEN of [undefined, ""]) {
        const answer = await app.request("/", { headers: { Authorization } }, { ...env, ADMIN_TOKEN });
        expect(answer.status).toBe(404);
      }
    }
  });
});

describe("an account", () => {
  it("is made with a token that works, shown once, and is audited", async () => {
    const email = newEmail();
    const { status, body } = await operate("POST", "/api/admin/accounts", {
      email: ` ${email.toUpperCase()} `,
      name: "Ada",
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      account: {
        id: expect.stringMatching(/^acc_/),
        email,
        name: "Ada",
        createdAt: expect.any(String),
        suspendedAt: null,
        quota: { instances: 20, memoryMb: 65_536, execConcurrency: 50 },
        budget: null,
      },
      token: expect.stringMatching(/^gn_live_[a-z2-7]{52}$/),
    });
    const auth = { headers: { Authorization: `Bearer ${body.token}` } };
    expect((await call("GET", "/api/account", auth)).body.account).toMatchObject({ email, name: "Ada" });
    const events = await eventsOf(body.account.id);
    expect(events).toEqual([
      {
        action: "account.create",
        actor: "operator:admin_token",
        detail: { email, token: { id: expect.any(String), prefix: body.token.slice(0, 14) } },
      },
    ]);
    const listed = await operate("GET", "/api/admin/accounts?limit=5");
    expect(listed.body.accounts).toContainEqual(body.account);
    expect(JSON.stringify(listed.body)).not.toContain(body.token);
  });

  it("whose email is taken is a conflict, and its token stays the only one", async () => {
    const email = newEmail();
    const first = await operate("POST", "/api/admin/accounts", { email });
    const second = await operate("POST", "/api/admin/accounts", { email: email.toUpperCase() });
    expect([second.status, second.body.code]).toEqual([409, "account_exists"]);
    expect(second.body.hint).toContain("gentity admin accounts list");
    const auth = { headers: { Authorization: `Bearer ${first.body.token}` } };
    expect((await call("GET", "/api/tokens", auth)).body.tokens).toHaveLength(1);
    expect(await eventsOf(first.body.account.id)).toHaveLength(1);
  });

  it("asked for many times at once is made once", async () => {
    const email = newEmail();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => operate("POST", "/api/admin/accounts", { email })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it("with an Idempotency-Key is made once, and the same token is told again", async () => {
    const headers = { "Idempotency-Key": newEmail() };
    const body = { email: newEmail() };
    const first = await operate("POST", "/api/admin/accounts", body, headers);
    const again = await operate("POST", "/api/admin/accounts", body, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    const other = await operate("POST", "/api/admin/accounts", { email: newEmail() }, headers);
    expect([other.status, other.body.code]).toEqual([409, "idempotency_conflict"]);
  });

  it("lists page by page", async () => {
    await operate("POST", "/api/admin/accounts", { email: newEmail() });
    await operate("POST", "/api/admin/accounts", { email: newEmail() });
    const first = (await operate("GET", "/api/admin/accounts?limit=1")).body;
    const second = (await operate("GET", `/api/admin/accounts?limit=1&cursor=${first.nextCursor}`)).body;
    expect(first.accounts).toHaveLength(1);
    expect(second.accounts[0].id < first.accounts[0].id).toBe(true);
  });

  it("is changed in what is named alone, and what it was before is audited", async () => {
    const { accountId } = await newTenant();
    const path = `/api/admin/accounts/${accountId}`;
    const budget = { limitMicros: 5_000_000, action: "refuse" };
    await operate("PATCH", path, { quota: { instances: 3 }, budget });
    const { body } = await operate("PATCH", path, { quota: { memoryMb: 4096 } });
    expect(body.account).toMatchObject({
      quota: { instances: 3, memoryMb: 4096, execConcurrency: 50 },
      budget,
    });
    expect((await eventsOf(accountId)).map(({ detail }) => detail)).toEqual([
      {
        before: { maxInstances: 20, monthlyBudgetMicros: null, budgetAction: "warn" },
        after: { maxInstances: 3, monthlyBudgetMicros: 5_000_000, budgetAction: "refuse" },
      },
      { before: { maxMemoryMb: 65_536 }, after: { maxMemoryMb: 4096 } },
    ]);
    expect((await operate("PATCH", path, { budget: null })).body.account.budget).toBeNull();
  });

  it("that is suspended has its tokens refused with a reason, until it is no longer", async () => {
    const tenant = await newTenant();
    const path = `/api/admin/accounts/${tenant.accountId}`;
    await operate("PATCH", path, { suspended: true });
    for (const [method, at] of [
      ["GET", "/api/account"],
      ["GET", "/api/instances"],
      ["POST", "/api/tokens"],
    ] as const) {
      const { status, body } = await tenant.call(method, at, method === "POST" ? { name: "x" } : undefined);
      expect([status, body.code]).toEqual([403, "account_suspended"]);
      expect(body.hint).toContain("operator");
    }
    await operate("PATCH", path, { suspended: false });
    expect((await tenant.call("GET", "/api/account")).status).toBe(200);
  });

  it.each<[string, string, string, unknown, number, string]>([
    ["no email", "POST", "/api/admin/accounts", {}, 400, "invalid_request"],
    ["not an email", "POST", "/api/admin/accounts", { email: "ada" }, 400, "invalid_request"],
    ["unknown field", "POST", "/api/admin/accounts", { email: "a@b.co", role: 1 }, 400, "invalid_request"],
    ["not JSON", "POST", "/api/admin/accounts", "{", 400, "invalid_json"],
    ["nothing to change", "PATCH", "/api/admin/accounts/acc_test", {}, 400, "invalid_request"],
    ["no limit named", "PATCH", "/api/admin/accounts/acc_test", { quota: {} }, 400, "invalid_request"],
    [
      "a negative limit",
      "PATCH",
      "/api/admin/accounts/acc_test",
      { quota: { instances: -1 } },
      400,
      "invalid_request",
    ],
    [
      "an unknown action",
      "PATCH",
      "/api/admin/accounts/acc_test",
      { budget: { limitMicros: 1, action: "explode" } },
      400,
      "invalid_request",
    ],
    ["no such account", "PATCH", "/api/admin/accounts/acc_none", { suspended: true }, 404, "not_found"],
  ])("is not made or changed by %s", async (_, method, path, body, status, code) => {
    const answer = await operate(method, path, body);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.body.error).toMatch(/.{10}/);
  });
});
