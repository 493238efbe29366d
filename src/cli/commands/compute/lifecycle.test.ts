import { afterEach, expect, test } from "vitest";
import {
  change,
  ID,
  instance,
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

async function given(routes: Routes = {}): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

const ACTION = `POST /api/instances/${ID}/action`;

test.each([
  ["start", "running"],
  ["stop", "stopped"],
  ["restart", "running"],
  ["suspend", "suspended"],
  // Where the vendor cannot freeze the machine.
  ["suspend", "stopped"],
  ["resume", "running"],
])("%s ends in %s", async (action, status) => {
  const { run, api } = await given({
    [ACTION]: (_request, response) => sendJson(response, 200, { ok: true, status }),
  });
  const result = await run(["compute", action, "cl-x7k2m9q4"]);
  expect(result).toMatchObject({ code: 0, stdout: `${ID}  ● ${status}\n` });
  expect(result.stderr).toContain(`scout: ${status}`);
  expect(api.requests.at(-1)?.body).toEqual({ action });
});

test("an action that is not confirmed yet is watched to its end", async () => {
  const { run } = await given({
    [ACTION]: (_request, response) => sendJson(response, 202, { ok: true, status: "stopping" }),
    [`GET /api/instances/${ID}/watch`]: streaming(
      ["status", change("stopping")],
      ["status", change("stopped")],
    ),
  });
  const result = await run(["compute", "stop", ID, "--json"]);
  expect(result.code).toBe(0);
  expect(JSON.parse(result.stdout)).toEqual({ id: ID, status: "stopped" });
  expect(result.stderr).toContain("Stopping scout: stopping");
});

test("an answer without a status, as the public API gives it, is looked up", async () => {
  const { run } = await given({ [ACTION]: (_request, response) => sendJson(response, 200, { ok: true }) });
  expect(await run(["compute", "start", ID])).toMatchObject({ code: 0, stdout: `${ID}  ● running\n` });
});

test("an action that the state forbids is 5", async () => {
  const { run } = await given({
    [ACTION]: (_request, response) =>
      sendError(response, 409, {
        code: "invalid_state",
        error: "It is being deleted.",
        details: [{ status: "deleting" }],
      }),
  });
  const result = await run(["compute", "start", ID]);
  expect(result).toMatchObject({ code: 5, stdout: "" });
  expect(result.stderr).toContain("status deleting");
});

test("delete waits until the instance is gone", async () => {
  const { run } = await given({
    [`DELETE /api/instances/${ID}`]: (_request, response) =>
      sendJson(response, 200, { ok: true, warnings: ["The vendor has not confirmed yet."] }),
    [`GET /api/instances/${ID}/watch`]: streaming(
      ["status", change("deleting", { reason: "volume" })],
      ["status", change("deleted")],
      ["end", {}],
    ),
  });
  const result = await run(["compute", "rm", "scout", "--yes"]);
  expect(result).toMatchObject({ code: 0, stdout: "" });
  for (const told of ["The vendor has not confirmed yet.", "deleting, volume", "Deleted scout"]) {
    expect(result.stderr).toContain(told);
  }
});

test("deleting again with --yes is done already, and one that never was is 4", async () => {
  const { run } = await given({
    "DELETE /api/instances/gone": (_request, response) => sendJson(response, 200, { ok: true }),
  });
  const again = await run(["compute", "delete", "gone", "--yes", "--json"]);
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual({ ok: true, id: "gone", status: "deleted", warnings: [] });
  expect((await run(["compute", "delete", "never", "--yes"])).code).toBe(4);
});

test.each([
  ["the beginning of the id", `${ID.slice(0, 8)}\n`],
  ["the name", "scout\n"],
  ["yes", "yes\n"],
  ["nothing", ""],
])("typing %s does not delete", async (_what, stdin) => {
  const { run, api } = await given();
  const result = await run(["compute", "delete", "scout"], { stdin });
  expect(result.code).toBe(130);
  expect(api.requests.map((request) => request.method)).toEqual(["GET"]);
});

test("typing the full id deletes", async () => {
  const { run } = await given({
    [`DELETE /api/instances/${ID}`]: (_request, response) => sendJson(response, 200, { ok: true }),
    [`GET /api/instances/${ID}/watch`]: streaming(["status", change("deleted")], ["end", {}]),
  });
  const result = await run(["compute", "delete", "scout", "--json"], { stdin: `${ID}\n` });
  expect(result.code).toBe(0);
  expect(JSON.parse(result.stdout)).toEqual({ ok: true, id: ID, status: "deleted", warnings: [] });
});

test("several matches are 5, with all of them named", async () => {
  const { run } = await given({
    "GET /api/instances/cmp0": (_request, response) =>
      sendError(response, 409, {
        code: "ambiguous",
        error: `"cmp0" matches 2 instances.`,
        details: [{ id: "cmp01", subdomain: "cl-a" }, "cmp02"],
      }),
  });
  const result = await run(["compute", "stop", "cmp0"]);
  expect(result.code).toBe(5);
  expect(result.stderr).toContain("  id cmp01, subdomain cl-a\n  cmp02\n");
});

test("open prints the URL where there is no terminal", async () => {
  const { run } = await given();
  expect(await run(["compute", "open", "scout"])).toMatchObject({ code: 0, stdout: `${instance().url}\n` });
});

test("watch tells each change until the end, as lines or as lines of JSON", async () => {
  const changes = [change("running"), change("deleting", { reason: "deleted by ada" }), change("deleted")];
  const { run } = await given({
    "GET /api/instances/scout/watch": streaming(
      ...changes.map((each) => ["status", each] as [string, unknown]),
      ["end", {}],
    ),
  });
  const people = await run(["compute", "watch", "scout"]);
  expect(people.stdout.split("\n")[1]).toBe("2026-11-20T12:00:00.000Z  ● deleting  deleted by ada");
  const programs = await run(["compute", "watch", "scout", "--json"]);
  expect(
    programs.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(changes);
});

test("periods are shown with how long they lasted", async () => {
  const period = {
    state: "running",
    meter: "running",
    startedAt: "2026-11-20T12:00:00.000Z",
    endedAt: "2026-11-20T13:30:00.000Z",
    generation: 1,
    reason: "created",
    actor: "user ada",
    spec: {},
  };
  const { run } = await given({
    "GET /api/instances/scout/periods": (_request, response) =>
      sendJson(response, 200, { periods: [period], nextCursor: null }),
  });
  const result = await run(["compute", "periods", "scout"]);
  expect(result.stdout).toMatch(/● running +running +2026-11-20T12:00:00.000Z +1h 30m +created +user ada/);
});
