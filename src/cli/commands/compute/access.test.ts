import { afterEach, expect, test } from "vitest";
import {
  instance,
  type Routes,
  type Scene,
  sendError,
  sendJson,
  startScene,
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

test("access is changed, and what it became is printed", async () => {
  const { run, api } = await given({
    "PATCH /api/instances/scout": (_request, response) =>
      sendJson(response, 200, { instance: instance({ access: "signed" }) }),
  });
  expect(await run(["compute", "access", "scout", "signed"])).toMatchObject({ code: 0, stdout: "signed\n" });
  expect(api.requests.at(-1)?.body).toEqual({ access: "signed" });
});

test("a link is the only thing on stdout, for as long as was asked", async () => {
  const link = { url: "https://cl-a.gentity.ai/?gentity_link=p", expiresAt: "2026-11-21T12:00:00.000Z" };
  const { run, api } = await given({
    "POST /api/instances/scout/links": (_request, response) => sendJson(response, 201, link),
  });
  const result = await run(["compute", "link", "scout", "--expires", "60"]);
  expect(result).toMatchObject({ code: 0, stdout: `${link.url}\n` });
  expect(result.stderr).toContain(link.expiresAt);
  expect(api.requests.at(-1)?.body).toEqual({ expiresInSeconds: 60 });
  expect(JSON.parse((await run(["compute", "link", "scout", "--json"])).stdout)).toEqual(link);
  expect(api.requests.at(-1)?.body).toEqual({});
});

test("an instance that takes no links says what to do", async () => {
  const { run } = await given({
    "POST /api/instances/scout/links": (_request, response) =>
      sendError(response, 409, { code: "invalid_state", hint: "gentity compute access scout signed" }),
  });
  const result = await run(["compute", "link", "scout"]);
  expect(result.code).not.toBe(0);
  expect(result.stderr).toContain("gentity compute access scout signed");
});

test("open gives an instance of access signed a link, and says that a browser cannot show a token", async () => {
  const link = { url: "https://cl-a.gentity.ai/?gentity_link=p", expiresAt: "2026-11-21T12:00:00.000Z" };
  let access = "signed";
  const { run } = await given({
    "GET /api/instances/scout": (_request, response) =>
      sendJson(response, 200, { instance: instance({ access }) }),
    [`POST /api/instances/${instance().id}/links`]: (_request, response) => sendJson(response, 201, link),
  });
  expect((await run(["compute", "open", "scout", "--print"])).stdout).toBe(`${link.url}\n`);
  access = "token";
  const told = await run(["compute", "open", "scout", "--print"]);
  expect(told.stdout).toBe(`${instance().url}\n`);
  expect(told.stderr).toContain("a browser cannot show one");
});
