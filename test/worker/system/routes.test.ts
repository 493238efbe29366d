import { beforeAll, describe, expect, it } from "vitest";
import { newTokenPlaintext } from "../../../src/ids.ts";
import { AIDER, call, newTenant, type Tenant, worker } from "../harness.ts";

/** Every endpoint that needs a token; `:id` is an instance of another account. */
const ENDPOINTS: [method: string, path: string, body?: unknown][] = [
  ["GET", "/api/account"],
  ["GET", "/api/tokens"],
  ["POST", "/api/tokens", { name: "ci" }],
  ["DELETE", "/api/tokens/tok_other"],
  ["GET", "/api/instances"],
  ["POST", "/api/instances", AIDER],
  ["GET", "/api/instances/:id"],
  ["PATCH", "/api/instances/:id", { name: "mine" }],
  ["DELETE", "/api/instances/:id"],
  ["POST", "/api/instances/:id/action", { action: "stop" }],
  ["POST", "/api/instances/:id/exec", { command: "true" }],
  ["GET", "/api/instances/:id/exec/abcdefgh"],
  ["GET", "/api/instances/:id/logs"],
  ["GET", "/api/instances/:id/watch"],
  ["GET", "/api/instances/:id/periods"],
  ["POST", "/api/instances/:id/terminal/ticket"],
  ["GET", "/api/instances/:id/events"],
  ["PUT", "/api/workspaces/ws-1/body", {}],
  ["POST", "/api/workspaces/ws-1/run", { command: "true" }],
  ["POST", "/api/instances/:id/hold", { seconds: 60, reason: "a build" }],
  ["GET", "/api/fleet"],
  ["GET", "/api/audit"],
  ["GET", "/api/audit/heads"],
  ["GET", "/api/usage"],
  ["GET", "/api/usage/periods"],
  ["GET", "/api/instances/:id/usage"],
  ["GET", "/api/instances/:id/traffic"],
  ["POST", "/api/instances/:id/rotate-url"],
  ["POST", "/api/instances/:id/links", {}],
  ["POST", "/api/instances/:id/clone", {}],
  ["POST", "/api/instances/:id/transfer", { to: "somebody@test" }],
  ["GET", "/api/transfers"],
  ["POST", "/api/transfers/:id/accept", {}],
  ["POST", "/api/transfers/:id/decline"],
  ["POST", "/api/transfers/:id/cancel"],
];

let owner: Tenant;
let stranger: Tenant;
let instanceId: string;

beforeAll(async () => {
  owner = await newTenant();
  stranger = await newTenant();
  const created = await owner.call("POST", "/api/instances?wait=60", AIDER);
  expect(created.body).toMatchObject({ status: "running" });
  instanceId = created.body.id;
});

const pathOf = (path: string) => path.replace(":id", instanceId);

describe("the contract of the test", () => {
  it("covers every operation of the API's description", async () => {
    const { body } = await call("GET", "/openapi.json");
    const described = Object.entries<Record<string, { security: unknown[] }>>(body.paths).flatMap(
      ([path, methods]) =>
        Object.entries(methods)
          .filter(([, operation]) => operation.security.some((scheme) => "token" in (scheme as object)))
          .map(([method]) => `${method.toUpperCase()} ${path.replace("{id}", ":id")}`),
    );
    const covered = ENDPOINTS.map(([method, path]) =>
      `${method} ${path}`
        .replace("tok_other", ":id")
        .replace("abcdefgh", "{execId}")
        .replace("ws-1", "{workspaceId}"),
    );
    expect(covered.sort()).toEqual(described.sort());
  });
});

describe.each(ENDPOINTS)("%s %s", (method, path, body) => {
  it.each([
    ["no token", {}],
    ["a malformed token", { Authorization: "Bearer gn_live_short" }],
    ["an unknown token", { Authorization: `Bearer ${newTokenPlaintext()}` }],
    ["another scheme", { Authorization: "Basic abc" }],
  ])("answers 401 to %s", async (_, headers) => {
    const answer = await call(method, pathOf(path), { body, headers: headers as Record<string, string> });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({
      code: "unauthorized",
      error: expect.any(String),
      hint: expect.any(String),
    });
    expect(answer.body.requestId).toBe(answer.headers.get("X-Request-Id"));
  });

  it("answers 401 to a revoked token", async () => {
    const tenant = await newTenant();
    expect((await tenant.call("DELETE", `/api/tokens/${tenant.tokenId}`)).status).toBe(200);
    expect((await tenant.call(method, pathOf(path), body)).status).toBe(401);
  });
});

describe.each(ENDPOINTS.filter(([, path]) => path.includes(":id")))("%s %s", (method, path, body) => {
  it("answers another account exactly as if there were nothing", async () => {
    const theirs = await stranger.call(method, pathOf(path), body);
    const nothing = await stranger.call(method, path.replace(":id", "cmp01nothing"), body);
    expect(theirs.status).toBe(404);
    const strip = ({ requestId: _, ...rest }: any) =>
      JSON.stringify(rest).replaceAll(instanceId, "ID").replaceAll("cmp01nothing", "ID");
    expect(strip(theirs.body)).toBe(strip(nothing.body));
  });
});

describe("another account's attempts", () => {
  it("changed nothing", async () => {
    const { body } = await owner.call("GET", `/api/instances/${instanceId}`);
    expect(body.instance).toMatchObject({ status: "running", generation: 1 });
  });
});

describe("bad input: each has a status, a code, a hint, and changes nothing", () => {
  const create = (over: object) => ({ ...AIDER, ...over });
  it.each<[string, string, string, unknown, number, string]>([
    ["unknown agent", "POST", "/api/instances", create({ agentType: "nobody" }), 400, "unknown_agent"],
    [
      "model of a provider that is not taken",
      "POST",
      "/api/instances",
      create({ agentType: "claude-code" }),
      400,
      "model_not_accepted",
    ],
    [
      "absurd model name",
      "POST",
      "/api/instances",
      create({ modelName: "a b\nc" }),
      400,
      "model_not_accepted",
    ],
    ["missing key", "POST", "/api/instances", create({ apiKey: undefined }), 400, "invalid_request"],
    ["empty key", "POST", "/api/instances", create({ apiKey: "" }), 400, "invalid_api_key"],
    ["key with a line break", "POST", "/api/instances", create({ apiKey: "sk-\nx" }), 400, "invalid_api_key"],
    ["endless key", "POST", "/api/instances", create({ apiKey: "k".repeat(600) }), 400, "invalid_api_key"],
    ["unknown region", "POST", "/api/instances", create({ region: "mars" }), 400, "unknown_region"],
    ["region that was closed", "POST", "/api/instances", create({ region: "sea" }), 400, "unknown_region"],
    ["size out of bounds", "POST", "/api/instances", create({ spec: { cpus: 64 } }), 400, "invalid_size"],
    [
      "memory out of step",
      "POST",
      "/api/instances",
      create({ spec: { memoryMb: 1000 } }),
      400,
      "invalid_size",
    ],
    ["not JSON", "POST", "/api/instances", "{", 400, "invalid_json"],
    ["an array", "POST", "/api/instances", [], 400, "invalid_request"],
    ["wrong types", "POST", "/api/instances", create({ name: 7 }), 400, "invalid_request"],
    ["unknown field", "POST", "/api/instances", create({ colour: "red" }), 400, "invalid_request"],
    [
      "an access of our invention",
      "POST",
      "/api/instances",
      create({ access: "all" }),
      400,
      "invalid_request",
    ],
    ["access by none", "PATCH", "/api/instances/:id", { access: null }, 400, "invalid_request"],
    [
      "a link for ever",
      "POST",
      "/api/instances/:id/links",
      { expiresInSeconds: 1e9 },
      400,
      "invalid_request",
    ],
    ["a link to what needs none", "POST", "/api/instances/:id/links", {}, 409, "invalid_state"],
    [
      "too large",
      "POST",
      "/api/instances",
      create({ name: "x".repeat(5_000_000) }),
      413,
      "payload_too_large",
    ],
    ["unknown action", "POST", "/api/instances/:id/action", { action: "explode" }, 400, "invalid_request"],
    ["empty patch", "PATCH", "/api/instances/:id", {}, 400, "invalid_request"],
    ["state by hand", "PATCH", "/api/instances/:id", { status: "running" }, 400, "invalid_request"],
    ["no command", "POST", "/api/instances/:id/exec", {}, 400, "invalid_request"],
    [
      "both kinds of input",
      "POST",
      "/api/instances/:id/exec",
      { command: "cat", stdin: "a", stdinBase64: "YQ==" },
      400,
      "invalid_request",
    ],
    ["absurd limit", "GET", "/api/instances?limit=100000", undefined, 400, "invalid_request"],
    [
      "absurd number of log lines",
      "GET",
      "/api/instances/:id/logs?lines=0",
      undefined,
      400,
      "invalid_request",
    ],
    ["no such place", "GET", "/api/nowhere", undefined, 404, "not_found"],
    ["an id of absurd length", "GET", `/api/instances/${"a".repeat(90)}`, undefined, 404, "not_found"],
    ["an id with strange characters", "GET", "/api/instances/%27%20OR%201=1", undefined, 404, "not_found"],
  ])("%s", async (_, method, path, body, status, code) => {
    const before = await owner.call("GET", "/api/instances");
    const answer = await owner.call(method, pathOf(path), body);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
    expect(answer.body.error).toMatch(/.{10}/);
    expect((await owner.call("GET", "/api/instances")).body).toEqual(before.body);
  });
});

describe("names", () => {
  it("are ids, subdomains, or unambiguous prefixes of either", async () => {
    const { body } = await owner.call("GET", `/api/instances/${instanceId}`);
    const { subdomain } = body.instance;
    for (const name of [instanceId, subdomain, instanceId.slice(0, 20), subdomain.slice(0, 8)]) {
      expect((await owner.call("GET", `/api/instances/${name}`)).body.instance.id).toBe(instanceId);
    }
  });

  it("that match several are ambiguous, and the candidates are told", async () => {
    const other = await owner.call("POST", "/api/instances?wait=60", { ...AIDER, name: "second" });
    const answer = await owner.call("GET", "/api/instances/cmp");
    expect(answer.status).toBe(409);
    expect(answer.body.code).toBe("ambiguous");
    expect(answer.body.details.map(({ id }: { id: string }) => id).sort()).toEqual(
      [instanceId, other.body.id].sort(),
    );
    await owner.call("DELETE", `/api/instances/${other.body.id}`);
  });
});

describe("Idempotency-Key", () => {
  it("gives the same answer again without acting again (lesson 12)", async () => {
    const tenant = await newTenant();
    const headers = { "Idempotency-Key": "once" };
    const first = await tenant.call("POST", "/api/instances", AIDER, headers);
    const again = await tenant.call("POST", "/api/instances", AIDER, headers);
    expect(again.body).toEqual(first.body);
    expect(again.status).toBe(first.status);
    expect(again.headers.get("Idempotent-Replay")).toBe("true");
    expect((await tenant.call("GET", "/api/instances")).body.instances).toHaveLength(1);
    await tenant.call("DELETE", `/api/instances/${first.body.id}`);
  });

  it("with another body is a conflict", async () => {
    const tenant = await newTenant();
    const headers = { "Idempotency-Key": "once" };
    await tenant.call("POST", "/api/tokens", { name: "a" }, headers);
    const other = await tenant.call("POST", "/api/tokens", { name: "b" }, headers);
    expect([other.status, other.body.code]).toEqual([409, "idempotency_conflict"]);
  });

  it("runs a streamed command once, though its answer is not kept", async () => {
    const headers = { "Idempotency-Key": "streamed", Accept: "text/event-stream" };
    const body = { command: "echo ran >> /tmp/ran; cat /tmp/ran" };
    const first = await owner.call("POST", `/api/instances/${instanceId}/exec`, body, headers);
    expect(first.body).toContain("event: exit");
    await owner.call("POST", `/api/instances/${instanceId}/exec`, body, headers);
    const count = await owner.call("POST", `/api/instances/${instanceId}/exec`, {
      command: "wc -l < /tmp/ran",
    });
    expect(count.body.stdout.trim()).toBe("1");
  });

  it("belongs to its account alone", async () => {
    const [one, two] = [await newTenant(), await newTenant()];
    const headers = { "Idempotency-Key": "shared" };
    const a = await one.call("POST", "/api/tokens", { name: "a" }, headers);
    const b = await two.call("POST", "/api/tokens", { name: "a" }, headers);
    expect(a.body.token.id).not.toBe(b.body.token.id);
  });

  it("gives a token's plaintext again, and keeps it sealed", async () => {
    const tenant = await newTenant();
    const headers = { "Idempotency-Key": "once" };
    const first = await tenant.call("POST", "/api/tokens", { name: "ci" }, headers);
    expect((await tenant.call("POST", "/api/tokens", { name: "ci" }, headers)).body.plaintext).toBe(
      first.body.plaintext,
    );
    const { env } = await import("../harness.ts");
    const { results } = await env.DB.prepare("SELECT * FROM idempotency_keys").all();
    expect(JSON.stringify(results)).not.toContain(first.body.plaintext);
  });
});

describe("tokens", () => {
  it("are shown once, listed by prefix, used, and revoked", async () => {
    const tenant = await newTenant();
    const { body } = await tenant.call("POST", "/api/tokens", { name: "ci" });
    expect(body.plaintext).toMatch(/^gn_live_[a-z2-7]{52}$/);
    const auth = { headers: { Authorization: `Bearer ${body.plaintext}` } };
    expect((await call("GET", "/api/account", auth)).body.account.id).toBe(tenant.accountId);
    const listed = await tenant.call("GET", "/api/tokens");
    expect(listed.body.tokens.map(({ name }: { name: string }) => name).sort()).toEqual(["ci", "test"]);
    expect(JSON.stringify(listed.body)).not.toContain(body.plaintext);
    await tenant.call("DELETE", `/api/tokens/${body.token.id}`);
    expect((await call("GET", "/api/account", auth)).status).toBe(401);
    expect((await tenant.call("DELETE", `/api/tokens/${body.token.id}`)).status).toBe(404);
  });
});

describe("a terminal", () => {
  it("gets what was typed before its shell was open", async () => {
    const { body } = await owner.call("POST", `/api/instances/${instanceId}/terminal/ticket`);
    const { pathname, search } = new URL(body.url);
    const headers = { Upgrade: "websocket" };
    const { webSocket } = await worker.fetch(`http://localhost${pathname}${search}`, { headers });
    const socket = webSocket as WebSocket;
    socket.accept();
    socket.send(JSON.stringify({ type: "input", data: "echo early-$((6*7)); exit 7\n" }));
    let seen = "";
    const exitCode = await new Promise((resolve) =>
      socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(String(data));
        seen += message.data ?? "";
        if (message.type === "exit") {
          resolve(message.exitCode);
        }
      }),
    );
    expect(seen).toContain("early-42");
    expect(exitCode).toBe(7);
  });
});

describe("what anybody may ask", () => {
  it("has health, the catalog of five, a description and a page to read", async () => {
    expect((await call("GET", "/api/health")).body).toMatchObject({
      ok: true,
      assertions: true,
      providers: { fly: true },
    });
    const { body } = await call("GET", "/api/catalog/agents");
    expect(body.agents.map(({ id }: { id: string }) => id)).toEqual([
      "openclaw",
      "hermes",
      "aider",
      "claude-code",
      "browser-use",
    ]);
    expect((await call("GET", "/openapi.json")).body.openapi).toBe("3.1.0");
    const page = await call("GET", "/docs/api");
    expect(page.headers.get("Content-Type")).toContain("text/html");
    expect(page.body).toContain("/instances/{id}/exec");
  });
});
