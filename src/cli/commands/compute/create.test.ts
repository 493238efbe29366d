import { afterEach, expect, test } from "vitest";
import {
  change,
  ID,
  instance,
  openStream,
  type Routes,
  type Scene,
  sendError,
  sendJson,
  startScene,
  streaming,
} from "../../testing/fake-api.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function given(routes: Routes): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

const CREATED = {
  id: ID,
  subdomain: "cl-x7k2m9q4",
  status: "running",
  url: "https://cl-x7k2m9q4.gentity.ai/",
};
const created = (status: number, fields: object = {}): Routes => ({
  "POST /api/instances": (_request, response) => sendJson(response, status, { ...CREATED, ...fields }),
});
const create = (...rest: string[]) => [
  "compute",
  "create",
  "--agent",
  "claude-code",
  "--model",
  "claude-sonnet-5-5",
  ...rest,
];
const KEY = { ANTHROPIC_API_KEY: "sk-ant-1" };

test("sends what was asked for, and prints where it is and what to do with it", async () => {
  const { run, api } = await given(created(201));
  const args = [
    "--name",
    "scout",
    "--region",
    "iad",
    "--cpus",
    "2",
    "--memory",
    "4g",
    "--volume",
    "5",
    "--access",
    "token",
  ];
  const result = await run(create(...args, "-e", "A=1", "-l", "team=a", "--api-key", "sk-flag"), {
    env: KEY,
  });
  expect(result.code).toBe(0);
  expect(result.stdout).toBe(
    `id         ${ID}\nsubdomain  cl-x7k2m9q4\nstatus     ● running\nurl        https://cl-x7k2m9q4.gentity.ai/\n`,
  );
  expect(result.stderr).toMatch(/^\[\d+s\] Creating scout\n\[\d+s\] scout is running\n/);
  expect(result.stderr).toContain("gentity compute ssh cl-x7k2m9q4");
  const [request] = api.requests;
  expect(request?.body).toEqual({
    agentType: "claude-code",
    modelName: "claude-sonnet-5-5",
    modelProvider: "anthropic",
    apiKey: "sk-flag",
    name: "scout",
    region: "iad",
    spec: { cpus: 2, memoryMb: 4096, volumeGb: 5 },
    env: { A: "1" },
    labels: { team: "a" },
    access: "token",
  });
  expect(Number(request?.query.get("wait"))).toBeGreaterThan(0);
  expect(request?.headers["idempotency-key"]).toMatch(/^[0-9a-f]{32}$/);
});

test("follows an instance that is still being created, and tells each step", async () => {
  const { run } = await given({
    ...created(202, { status: "creating" }),
    [`GET /api/instances/${ID}/watch`]: streaming(
      ["status", change("creating", { reason: "volume made" })],
      ["status", change("running")],
    ),
  });
  const result = await run(create(), { env: KEY });
  expect(result.code).toBe(0);
  expect(result.stdout).toContain("● running");
  const told = [/creating as cl-x7k2m9q4/, /creating, volume made/, /is running/];
  const places = told.map((each) => result.stderr.search(each));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test("an instance that failed is a failure with its reason and what to do", async () => {
  const { run } = await given(
    created(201, { status: "error", errorMessage: "No capacity in iad.", hint: "Try --region ord." }),
  );
  const result = await run(create(), { env: KEY });
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain(`in state "error": No capacity in iad.`);
  expect(result.stderr).toContain("Next: Try --region ord.");
  expect(result.stderr).toContain(`gentity compute delete ${ID}`);
});

test("one that fails later says why, with the instance's own hint", async () => {
  const { run } = await given({
    ...created(202, { status: "creating" }),
    [`GET /api/instances/${ID}/watch`]: streaming([
      "status",
      change("error", { errorMessage: "It never listened." }),
    ]),
    [`GET /api/instances/${ID}`]: (_request, response) =>
      sendJson(response, 200, { instance: instance({ status: "error", hint: "Look at its log." }) }),
  });
  const result = await run(create(), { env: KEY });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("It never listened.");
  expect(result.stderr).toContain("Next: Look at its log.");
});

test("--detach does not wait", async () => {
  const { run, api } = await given(created(202, { status: "creating" }));
  const result = await run(create("--detach", "--json"), { env: KEY });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(result.stdout)).toEqual({ ...CREATED, status: "creating" });
  expect(api.requests).toHaveLength(1);
  expect(api.requests[0]?.query.get("wait")).toBeNull();
});

test("Ctrl-C while waiting says that it goes on, and how to look", async () => {
  const { run } = await given({
    ...created(202, { status: "creating" }),
    [`GET /api/instances/${ID}/watch`]: (_request, response) => {
      openStream(response)("status", change("creating", { reason: "booting" }));
    },
  });
  const result = await run(create(), { env: KEY, interruptAt: /booting/ });
  expect(result.code).toBe(130);
  expect(result.stderr).toContain(`gentity compute watch ${ID}`);
});

test("only the key of the model's own provider is sent", async () => {
  const { run, api } = await given(created(201));
  const env = { OPENAI_API_KEY: "sk-openai", OPENROUTER_API_KEY: "sk-or" };
  const result = await run(create(), { env });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("ANTHROPIC_API_KEY");
  expect(api.requests).toEqual([]);
});

test.each([
  ["gemini-3-pro", { GEMINI_API_KEY: "g" }, "google", "g"],
  ["openrouter/auto", { OPENROUTER_API_KEY: "o", ANTHROPIC_API_KEY: "a" }, "openrouter", "o"],
  ["grok-4.7", { XAI_API_KEY: "x", GENTITY_AGENT_API_KEY: "any" }, "xai", "any"],
])("%s gets its key from the environment", async (model, env, modelProvider, apiKey) => {
  const { run, api } = await given(created(201));
  expect((await run(["compute", "create", "--agent", "hermes", "--model", model], { env })).code).toBe(0);
  expect(api.requests[0]?.body).toMatchObject({ modelName: model, modelProvider, apiKey });
});

test("the key can be piped in", async () => {
  const { run, api } = await given(created(201));
  await run(create("--api-key", "-"), { stdin: "sk-piped\n" });
  expect(api.requests[0]?.body).toMatchObject({ apiKey: "sk-piped" });
});

test.each([
  [["compute", "create", "--model", "m"], "--agent is missing"],
  [create("--env", "novalue"), "--env takes key=value"],
  [create("--memory", "lots"), "--memory takes megabytes"],
])("%j is a usage error", async (args, explanation) => {
  const { run, api } = await given({});
  const result = await run(args, { env: KEY });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(explanation);
  expect(api.requests).toEqual([]);
});

test("a refusal by the server shows which fields are wrong", async () => {
  const { run } = await given({
    "POST /api/instances": (_request, response) =>
      sendError(response, 400, {
        code: "invalid_request",
        error: "The request is not valid.",
        details: [{ field: "name", problem: "too long" }],
      }),
  });
  const result = await run(create(), { env: KEY });
  expect(result.code).toBe(1);
  expect(result.stderr).toContain("field name, problem too long");
});
