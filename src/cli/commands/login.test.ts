import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { instance, type Scene, sendJson, startScene } from "../testing/fake-api.ts";
import { TOKEN } from "../testing/run-cli.ts";

const OTHER = `gn_live_${"b3".repeat(26)}`;
/** Nothing in the environment: what counts is the saved login. */
const LOGGED_OUT = { GENTITY_TOKEN: "", GENTITY_API_URL: "" };

let scene: Scene;
beforeEach(async () => {
  scene = await startScene();
});
afterEach(() => scene.close());

const login = (...args: string[]) =>
  scene.run(["login", "--api-url", scene.api.url, ...args], { env: LOGGED_OUT });
const saved = () => JSON.parse(readFileSync(scene.home.configPath, "utf8"));

test("saves a token that the API accepts, for its owner alone, and then uses it", async () => {
  expect(await login("--token", TOKEN)).toMatchObject({ code: 0, stdout: "" });
  expect(saved()).toEqual({ apiUrl: scene.api.url, token: TOKEN });
  expect(statSync(scene.home.configPath).mode & 0o777).toBe(0o600);
  const list = await scene.run(["compute", "list", "--quiet"], { env: LOGGED_OUT });
  expect(list).toMatchObject({ code: 0, stdout: `${instance().id}\n` });
  expect(scene.api.requests.at(-1)?.headers["user-agent"]).toMatch(/^gentity-cli\/\d+\.\d+\.\d+$/);
});

test("takes the token from a pipe", async () => {
  const options = { env: LOGGED_OUT, stdin: `${TOKEN}\n` };
  expect(await scene.run(["login", "--api-url", scene.api.url], options)).toMatchObject({ code: 0 });
  expect(saved().token).toBe(TOKEN);
});

test("a refused token leaves the earlier login as it was", async () => {
  mkdirSync(dirname(scene.home.configPath), { recursive: true });
  writeFileSync(scene.home.configPath, JSON.stringify({ apiUrl: "https://old.example", token: TOKEN }));
  const refused = await login("--token", OTHER);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain("The token is not valid.");
  expect(saved()).toEqual({ apiUrl: "https://old.example", token: TOKEN });
});

test("a refused first login saves nothing", async () => {
  expect((await login("--token", OTHER)).code).toBe(3);
  expect(existsSync(scene.home.configPath)).toBe(false);
});

test("something that is no token is not sent anywhere", async () => {
  const result = await login("--token", "sk-ant-secret");
  expect(result.code).toBe(3);
  expect(result.stderr).not.toContain("sk-ant-secret");
  expect(scene.api.requests).toEqual([]);
});

test("logout forgets the login, and says what to do next when one is needed", async () => {
  await login("--token", TOKEN);
  expect(await scene.run(["logout"], { env: LOGGED_OUT })).toMatchObject({ code: 0 });
  expect(existsSync(scene.home.configPath)).toBe(false);
  const list = await scene.run(["compute", "list"], { env: LOGGED_OUT });
  expect(list.code).toBe(3);
  expect(list.stderr).toContain("gentity login");
});

test("a login file that is not JSON is explained, and logout mends it", async () => {
  mkdirSync(dirname(scene.home.configPath), { recursive: true });
  writeFileSync(scene.home.configPath, "{");
  const broken = await scene.run(["compute", "list"], { env: LOGGED_OUT });
  expect(broken).toMatchObject({ code: 1 });
  expect(broken.stderr).toContain("gentity logout");
  expect(await scene.run(["logout"], { env: LOGGED_OUT })).toMatchObject({ code: 0 });
});

test("the local stack is used at once, also by its name and from a folder below", async () => {
  const project = join(scene.home.path, "project");
  mkdirSync(join(project, ".gentity"), { recursive: true });
  mkdirSync(join(project, "src"));
  const apiUrl = scene.api.url.replace("127.0.0.1", "gentity.localhost");
  writeFileSync(join(project, ".gentity", "local.json"), JSON.stringify({ apiUrl, token: TOKEN }));
  const options = { env: LOGGED_OUT, cwd: join(project, "src") };
  expect(await scene.run(["compute", "list", "-q"], options)).toMatchObject({
    code: 0,
    stdout: `${instance().id}\n`,
  });
  expect(scene.api.requests[0]?.headers.host).toBe(new URL(apiUrl).host);
});

test("tokens are listed, made and revoked", async () => {
  await scene.close();
  const token = { id: "tok_1", name: "ci", prefix: "gn_live_a2a2a2", createdAt: new Date().toISOString() };
  scene = await startScene({
    "GET /api/tokens": (_request, response) =>
      sendJson(response, 200, { tokens: [{ ...token, lastUsedAt: null }] }),
    "POST /api/tokens": (_request, response) => sendJson(response, 201, { token, plaintext: OTHER }),
    "DELETE /api/tokens/tok_1": (_request, response) => sendJson(response, 200, { ok: true }),
  });
  expect((await scene.run(["tokens", "list"])).stdout).toMatch(/tok_1 +ci +gn_live_a2a2a2… +\d+s ago +never/);
  const made = await scene.run(["tokens", "create", "ci"]);
  expect(made.stdout).toBe(`${OTHER}\n`);
  expect(scene.api.requests.at(-1)?.body).toEqual({ name: "ci" });
  expect(await scene.run(["tokens", "revoke", "tok_1"])).toMatchObject({ code: 0, stdout: "" });
});
