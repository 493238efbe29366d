import { afterEach, expect, test } from "vitest";
import { instance, type Routes, type Scene, sendJson, startScene } from "../../testing/fake-api.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function given(routes: Routes = {}): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

const TAKEN: Routes = {
  "PATCH /api/instances/scout": (_request, response) => sendJson(response, 200, { instance: instance() }),
};

test.each<[string[], object]>([
  [["--idle", "900"], { idleTimeoutSeconds: 900 }],
  [["--idle", "never"], { idleTimeoutSeconds: null }],
  [["--wake-at", "2026-12-01T08:00:00Z"], { wakeAt: "2026-12-01T08:00:00Z" }],
  [["--wake-cron", "0 9 * * 1-5", "--name", "night shift"], { wakeCron: "0 9 * * 1-5", name: "night shift" }],
  [["--wake-cron", "never", "--wake-at", "never"], { wakeCron: null, wakeAt: null }],
  [["--label", "a=b", "-l", "c=d"], { labels: { a: "b", c: "d" } }],
])("update %j asks for that alone", async (typed, body) => {
  const { run, api } = await given(TAKEN);
  const result = await run(["compute", "update", "scout", ...typed]);
  expect(result.code).toBe(0);
  expect(api.requests.at(-1)?.body).toEqual(body);
});

test.each([[[]], [["--idle", "0"]], [["--idle", "soon"]]])("update %j is a mistake", async (typed) => {
  const { run, api } = await given(TAKEN);
  expect((await run(["compute", "update", "scout", ...typed])).code).toBe(2);
  expect(api.requests).toEqual([]);
});
