import { afterEach, expect, test } from "vitest";
import { ID, instance, type Routes, type Scene, sendJson, startScene } from "../../testing/fake-api.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function given(routes: Routes = {}): Promise<Scene> {
  scene = await startScene(routes);
  return scene;
}

const TRANSFER = {
  id: "trf_01",
  instanceId: ID,
  instanceName: "scout",
  agentType: "claude-code",
  direction: "outgoing",
  from: "me@test",
  to: "ada@test",
  state: "offered",
  createdAt: "2026-11-20T12:00:00.000Z",
  expiresAt: "2026-11-27T12:00:00.000Z",
  decidedAt: null,
};

test("rotate-url prints the new address, and what is still to be done", async () => {
  const notices = [
    { code: "address_pending", message: "The agent still knows its old address.", hint: "Restart it." },
  ];
  const moved = instance({ url: "https://cl-new00000.gentity.ai/", notices });
  const { run } = await given({
    "POST /api/instances/scout/rotate-url": (_request, response) =>
      sendJson(response, 200, { instance: moved }),
  });
  const result = await run(["compute", "rotate-url", "scout"]);
  expect(result).toMatchObject({ code: 0, stdout: "https://cl-new00000.gentity.ai/\n" });
  expect(result.stderr).toContain("Restart it.");
});

test("clone asks for what was given and no more", async () => {
  const { run, api } = await given({
    "POST /api/instances/scout/clone": (_request, response) =>
      sendJson(response, 202, { id: ID, subdomain: "cl-copy0000", status: "creating", url: null }),
  });
  const result = await run(["compute", "clone", "scout", "--copy-data", "--api-key", "-", "--detach"], {
    stdin: "sk-other\n",
  });
  expect(result.code).toBe(0);
  expect(result.stdout).toContain("cl-copy0000");
  expect(api.requests.at(-1)?.body).toEqual({ copyData: true, apiKey: "sk-other" });
});

test("transfer offers, and says how it goes on", async () => {
  const { run, api } = await given({
    "POST /api/instances/scout/transfer": (_request, response) =>
      sendJson(response, 201, { transfer: TRANSFER }),
  });
  const result = await run(["compute", "transfer", "scout", "--to", "ada@test"]);
  expect(result).toMatchObject({ code: 0, stdout: "trf_01\n" });
  expect(result.stderr).toContain("gentity transfers cancel trf_01");
  expect(api.requests.at(-1)?.body).toEqual({ to: "ada@test" });
  expect((await run(["compute", "transfer", "scout"])).code).toBe(2);
});

test("transfers are listed, accepted, declined and cancelled", async () => {
  const { run, api } = await given({
    "GET /api/transfers": (_request, response) =>
      sendJson(response, 200, { transfers: [TRANSFER], nextCursor: null }),
    "POST /api/transfers/trf_01/accept": (_request, response) =>
      sendJson(response, 200, { transfer: { ...TRANSFER, state: "accepted" }, instance: instance() }),
    "POST /api/transfers/trf_01/decline": (_request, response) =>
      sendJson(response, 200, { transfer: TRANSFER }),
    "POST /api/transfers/trf_01/cancel": (_request, response) =>
      sendJson(response, 200, { transfer: TRANSFER }),
  });
  expect((await run(["transfers", "list"])).stdout).toContain("ada@test");
  expect(await run(["transfers", "accept", "trf_01", "--api-key", "sk-mine"])).toMatchObject({
    code: 0,
    stdout: `${ID}\n`,
  });
  expect(api.requests.at(-1)?.body).toEqual({ apiKey: "sk-mine" });
  for (const verb of ["decline", "cancel"]) {
    expect((await run(["transfers", verb, "trf_01"])).code).toBe(0);
  }
});
