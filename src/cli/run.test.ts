import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { type Routes, type Scene, sendError, sendJson, startScene } from "./testing/fake-api.ts";
import { environment, MAIN, TOKEN } from "./testing/run-cli.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function given(routes: Routes = {}): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

test("an unknown instance is 4, with the request's id and what to run next", async () => {
  const { run } = await given();
  const result = await run(["compute", "get", "nope"]);
  expect(result).toMatchObject({ code: 4, stdout: "" });
  expect(result.stderr).toBe(
    'Error: No instance matches "nope".\n  not_found · request req_test\nNext: See what there is: gentity compute list\n',
  );
});

test("with --json an error is JSON too", async () => {
  const { run } = await given();
  const result = await run(["compute", "get", "nope", "--json"]);
  expect(result).toMatchObject({ code: 4, stdout: "" });
  expect(JSON.parse(result.stderr)).toMatchObject({ code: "not_found", requestId: "req_test", exitCode: 4 });
});

test("a refused token is 3", async () => {
  const { run } = await given();
  const result = await run(["compute", "list"], { env: { GENTITY_TOKEN: `gn_live_${"c".repeat(52)}` } });
  expect(result.code).toBe(3);
  expect(result.stderr).toContain("gentity login");
});

test("no API is 7, and on this computer it says how to start it", async () => {
  const { run, api } = await given();
  await api.close();
  const result = await run(["compute", "list"]);
  expect(result.code).toBe(7);
  expect(result.stderr).toContain("ECONNREFUSED");
  expect(result.stderr).toContain("npm start");
  scene = undefined;
});

test("a wrong command line is 2 and asks nothing of the API", async () => {
  const { run, api } = await given();
  for (const args of [
    ["compute"],
    ["compute", "nope"],
    ["nope"],
    ["compute", "get"],
    ["compute", "list", "--nope"],
  ]) {
    expect((await run(args)).code).toBe(2);
  }
  expect(api.requests).toEqual([]);
});

test("help and version are answers, not errors", async () => {
  const { run } = await given();
  expect(await run([])).toMatchObject({ code: 0, stderr: "" });
  expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const codes = await run(["help", "exit-codes"]);
  expect(codes.code).toBe(0);
  expect(codes.stdout).toMatch(/^0 {2,}it worked$/m);
  expect((await run(["help", "environment"])).stdout).toContain("GENTITY_API_URL");
});

test("api passes on methods, bodies and answers", async () => {
  const { run, api } = await given({
    "POST /api/tokens": (_request, response) => sendJson(response, 201, { plaintext: "x" }),
    "GET /openapi.yaml": (_request, response) => {
      response.writeHead(200, { "content-type": "text/yaml" });
      response.end("openapi: 3.1.0\n");
    },
    "DELETE /api/tokens/t": (_request, response) => sendError(response, 409, { code: "invalid_state" }),
  });
  const posted = await run(["api", "post", "/api/tokens?x=1", "-"], { stdin: '{"name":"ci"}' });
  expect(JSON.parse(posted.stdout)).toEqual({ plaintext: "x" });
  expect(api.requests[0]).toMatchObject({ method: "POST", body: { name: "ci" } });
  expect(api.requests[0]?.query.get("x")).toBe("1");
  expect((await run(["api", "GET", "/openapi.yaml"])).stdout).toBe("openapi: 3.1.0\n");
  expect((await run(["api", "DELETE", "/api/tokens/t"])).code).toBe(5);
});

test("api refuses what would carry the token elsewhere, and bodies that are not JSON", async () => {
  const { run, api } = await given();
  for (const args of [
    ["GET", "https://evil.example/"],
    ["GET", "@evil.example/"],
    ["STEAL", "/api"],
    ["POST", "/api", "{"],
  ]) {
    expect((await run(["api", ...args])).code).toBe(2);
  }
  expect(api.requests).toEqual([]);
});

test("a reader that leaves early is no failure", async () => {
  const { home, api } = await given({
    "GET /big": (_request, response) => void response.end("x".repeat(5_000_000)),
  });
  const script = `"$0" "$1" api GET /big | head -c 3; echo " \${PIPESTATUS[0]}"`;
  const env = environment(home, { GENTITY_API_URL: api.url, GENTITY_TOKEN: TOKEN });
  // Not the synchronous form: the API answers from this very process.
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script, process.execPath, MAIN], {
    env,
  });
  expect(stdout).toBe("xxx 0\n");
  expect(stderr).toBe("");
});
