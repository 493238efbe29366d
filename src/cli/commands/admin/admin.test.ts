import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createStyle } from "../../style.ts";
import {
  instance,
  type Routes,
  type Scene,
  sendError,
  sendJson,
  startScene,
} from "../../testing/fake-api.ts";
import { TOKEN } from "../../testing/run-cli.ts";
import { bar } from "../account.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

/** The fake API knows one token; here it is the operator's. */
const OPERATOR = { GENTITY_ADMIN_TOKEN: TOKEN, GENTITY_TOKEN: `gn_live_${"b3".repeat(26)}` };

async function given(routes: Routes = {}): Promise<Scene> {
  scene = await startScene(routes);
  const { run } = scene;
  return {
    ...scene,
    run: (args, options = {}) => run(args, { ...options, env: { ...OPERATOR, ...options.env } }),
  };
}

const ACCOUNT = {
  id: "acc_1",
  email: "ada@example.com",
  name: null,
  createdAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
  suspendedAt: null,
  quota: { instances: 20, memoryMb: 65_536, execConcurrency: 50 },
  budget: { limitMicros: 25_000_000, action: "suspend" },
};

test("accounts are listed, and made with a token that is all there is on stdout", async () => {
  const { run, api } = await given({
    "GET /api/admin/accounts": (_request, response) =>
      sendJson(response, 200, { accounts: [ACCOUNT], nextCursor: null }),
    "POST /api/admin/accounts": (_request, response) =>
      sendJson(response, 201, { account: ACCOUNT, token: "gn_live_new" }),
  });
  expect((await run(["admin", "accounts", "ls"])).stdout).toBe(
    [
      "ID     EMAIL            INSTANCES  MEMORY    COMMANDS  BUDGET          STATE  AGE",
      "acc_1  ada@example.com  20         65536 MB  50        $25.00 suspend  open   3h",
      "",
    ].join("\n"),
  );
  const made = await run(["admin", "accounts", "create", "ada@example.com", "--name", "Ada"]);
  expect(made).toMatchObject({ code: 0, stdout: "gn_live_new\n" });
  expect(made.stderr).toContain("acc_1");
  expect(api.requests[1]).toMatchObject({ body: { email: "ada@example.com", name: "Ada" } });
});

test("an account is changed in what is named alone", async () => {
  const { run, api } = await given({
    "PATCH /api/admin/accounts/acc_1": (_request, response) => sendJson(response, 200, { account: ACCOUNT }),
  });
  const update = (...flags: string[]) => run(["admin", "accounts", "update", "acc_1", ...flags]);
  await update("--instances", "5", "--memory", "16g", "--budget", "9.50", "--when-spent", "refuse");
  await update("--budget", "none", "--suspend");
  expect(api.requests.map(({ body }) => body)).toEqual([
    { quota: { instances: 5, memoryMb: 16_384 }, budget: { limitMicros: 9_500_000, action: "refuse" } },
    { budget: null, suspended: true },
  ]);
  for (const flags of [[], ["--suspend", "--unsuspend"], ["--budget", "much"], ["--when-spent", "warn"]]) {
    expect(await update(...flags)).toMatchObject({ code: 2, stdout: "" });
  }
  expect(api.requests).toHaveLength(2);
});

test("a release is published from a file, and what is wrong with it is told", async () => {
  let isWrong = false;
  const { run, api, home } = await given({
    "POST /api/admin/agents/aider/releases": (_request, response) => {
      const details = [{ field: "recipe", problem: "does not render" }];
      if (isWrong) sendError(response, 400, { code: "invalid_release", details });
      else sendJson(response, 201, { release: { agentId: "aider", release: "2", image: "a@sha256:b" } });
    },
  });
  writeFileSync(join(home.path, "release.json"), '{"release":"2"}');
  const publish = () => run(["admin", "releases", "publish", "aider", "-f", "release.json"]);
  expect((await publish()).stderr).toContain("aider 2 is current: a@sha256:b");
  expect(api.requests[0]?.body).toEqual({ release: "2" });
  isWrong = true;
  expect(await publish()).toMatchObject({ code: 1, stderr: expect.stringContaining("does not render") });
  expect((await run(["admin", "releases", "publish", "aider", "-f", "nothing"])).code).toBe(2);
  expect((await run(["admin", "releases", "publish", "aider"])).code).toBe(2);
});

test("all instances say whose they are and which are behind", async () => {
  const image = { ref: "a", release: "1", outdated: true, latestRelease: "2" };
  const { run, api } = await given({
    "GET /api/admin/instances": (_request, response) =>
      sendJson(response, 200, {
        instances: [{ ...instance({ image }), accountId: "acc_1" }],
        nextCursor: null,
      }),
  });
  const { stdout } = await run(["admin", "instances", "--account", "acc_1"]);
  expect(stdout).toMatch(/acc_1 +scout +claude-code +1 \(outdated\)/);
  expect(api.requests[0]?.query.toString()).toBe("accountId=acc_1");
});

test("the local stack's secret goes to the local stack alone, and a login is not the operator's", async () => {
  const { run, api, home } = await given({
    "GET /api/admin/accounts": (_request, response) =>
      sendJson(response, 200, { accounts: [], nextCursor: null }),
  });
  const folder = join(home.path, ".gentity");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "local.json"),
    JSON.stringify({ apiUrl: api.url, token: "t", adminToken: TOKEN }),
  );
  const list = (env: Record<string, string>) =>
    run(["admin", "accounts", "list"], { env: { GENTITY_ADMIN_TOKEN: "", ...env } });
  expect((await list({ GENTITY_API_URL: "" })).code).toBe(0);
  const elsewhere = await list({ GENTITY_API_URL: "http://localhost:1", GENTITY_TOKEN: TOKEN });
  expect(elsewhere).toMatchObject({ code: 3, stderr: expect.stringContaining("GENTITY_ADMIN_TOKEN") });
});

test("account shows what is used and what is left", async () => {
  const account = {
    id: "acc_1",
    email: "ada@example.com",
    name: null,
    quota: {
      instances: { used: 3, limit: 20 },
      memoryMb: { used: 6144, limit: 65_536 },
      execConcurrency: { used: 0, limit: 50 },
    },
    budget: {
      limitMicros: 25_000_000,
      spentMicros: 1_234_567,
      leftMicros: 23_765_433,
      estimated: true,
      action: "refuse",
    },
  };
  const { run } = await given({
    "GET /api/account": (_request, response) => sendJson(response, 200, { account }),
  });
  const env = { GENTITY_TOKEN: TOKEN };
  expect((await run(["account"], { env })).stdout).toBe(
    [
      "id         acc_1",
      "email      ada@example.com",
      "instances  3 of 20, 17 left",
      "memory     6144 of 65536 MB, 59392 MB left",
      "commands   0 of 50, 50 left",
      "budget     $1.23 of $25.00 this month (estimated), $23.77 left; then nothing starts any more",
      "",
    ].join("\n"),
  );
  expect(JSON.parse((await run(["account", "--json"], { env })).stdout)).toEqual(account);
});

test.each([
  [0, `${"░".repeat(20)}`],
  [0.5, `${"█".repeat(10)}${"░".repeat(10)}`],
  [3, "█".repeat(20)],
])("a bar for %d never breaks its frame", (share, text) => {
  expect(bar(share, createStyle(false))).toBe(text);
});

test("what the quota refuses is a failure, not a login that went wrong", async () => {
  const { run } = await given({
    "POST /api/instances": (_request, response) =>
      sendError(response, 403, { code: "quota_exceeded", hint: "Delete what is not needed." }),
  });
  const args = ["compute", "create", "--agent", "aider", "--model", "gpt-4o", "--api-key", "sk-test"];
  const result = await run(args, { env: { GENTITY_TOKEN: TOKEN } });
  expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining("Delete what is not needed.") });
});
