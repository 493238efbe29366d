import { beforeAll, describe, expect, it } from "vitest";
import { call, clientOf, newTenant, operate, type Tenant, worker } from "../harness.ts";

let source: Tenant;
let receiver: Tenant;
beforeAll(async () => {
  [source, receiver] = [await newTenant(), await newTenant()];
});

const HERMES = {
  agentType: "hermes",
  modelProvider: "anthropic",
  modelName: "claude-sonnet-4-6",
  apiKey: "sk-ant-the-sources-own-key",
  env: { OWN: "kept", OPENAI_API_KEY: "sk-the-sources-other-key" },
  labels: { team: "source" },
};

const sh = async (tenant: Tenant, id: string, command: string) =>
  (await tenant.call("POST", `/api/instances/${id}/exec`, { command })).body.stdout as string;

async function at(tenant: Tenant, id: string, status: string): Promise<any> {
  for (;;) {
    const { body } = await tenant.call("GET", `/api/instances/${id}`);
    expect(body.instance?.status).not.toBe("error");
    if (
      body.instance?.status === status &&
      body.instance.notices.every(({ code }: any) => code !== "key_removal_pending")
    ) {
      return body.instance;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function offer(id: string) {
  const answer = await source.call("POST", `/api/instances/${id}/transfer`, {
    to: `${receiver.accountId}@TEST`,
  });
  expect(answer.status).toBe(201);
  return answer.body.transfer.id as string;
}

/** A terminal of the source's, and the code it is closed with. */
async function openTerminal(id: string): Promise<{ closed: Promise<number> }> {
  const { body } = await source.call("POST", `/api/instances/${id}/terminal/ticket`);
  const path = new URL(body.url);
  const response = await worker.fetch(`http://localhost${path.pathname}${path.search}`, {
    headers: { Upgrade: "websocket" },
  });
  const socket = response.webSocket as WebSocket;
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve(code)),
  );
  const shown = new Promise<void>((resolve) => socket.addEventListener("message", () => resolve()));
  socket.accept();
  await shown;
  return { closed };
}

async function openWatch(id: string): Promise<{ watched: Promise<string> }> {
  const response = await worker.fetch(`http://localhost/api/instances/${id}/watch`, {
    headers: { Authorization: `Bearer ${source.token}` },
  });
  return { watched: response.text() };
}

describe("a transfer", () => {
  it("of a running instance: the receiver has it, without a trace of the source's keys", async () => {
    const { id, subdomain } = (await source.call("POST", "/api/instances?wait=60", HERMES)).body;
    await sh(source, id, "echo data > /opt/data/note.txt");
    const transfer = await offer(id);
    const { closed } = await openTerminal(id);
    const { watched } = await openWatch(id);

    expect((await receiver.call("GET", "/api/transfers")).body.transfers).toMatchObject([
      { id: transfer, direction: "incoming", state: "offered", from: `${source.accountId}@test` },
    ]);
    expect((await receiver.call("GET", `/api/instances/${id}`)).status).toBe(404);
    const apiKey = "sk-ant-the-receivers-key";
    const { status, body } = await receiver.call("POST", `/api/transfers/${transfer}/accept`, { apiKey });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      transfer: { state: "accepted" },
      instance: { id, status: "stopping", labels: {} },
    });

    expect((await source.call("GET", `/api/instances/${id}`)).status).toBe(404);
    expect((await source.call("POST", `/api/instances/${id}/exec`, { command: "id" })).status).toBe(404);
    expect(await closed).toBe(4401);
    expect(await watched).toContain("event: end");
    expect(await watched).not.toContain("transferred");

    const instance = await at(receiver, id, "running");
    expect(instance.notices).toEqual([]);
    expect(instance.subdomain).not.toBe(subdomain);
    const environment = await sh(
      receiver,
      id,
      "env; cat /opt/data/note.txt; grep -rl sources /opt/data /proc/1/environ",
    );
    expect(environment).toContain(apiKey);
    expect(environment).toContain("OWN=kept");
    expect(environment).toContain("\ndata\n");
    expect(environment).not.toContain("the-sources");
    const gone = await call("GET", "/", { host: `${subdomain}.gentity.test` });
    expect(gone.status).toBe(404);
    const again = await receiver.call("POST", `/api/transfers/${transfer}/accept`, { apiKey });
    expect(again.body.transfer).toMatchObject({ state: "accepted" });
    const late = await source.call("POST", `/api/transfers/${transfer}/cancel`);
    expect([late.status, late.body.code]).toEqual([409, "invalid_state"]);
    const theirs = (await receiver.call("GET", `/api/instances/${id}/periods`)).body.periods;
    expect(theirs.at(-1)).toMatchObject({ state: "stopping", reason: "transferred" });
    await receiver.call("DELETE", `/api/instances/${id}`);
  });

  it("of a stopped one, without a key: says that one is missing, and starts without", async () => {
    const { id } = (await source.call("POST", "/api/instances?wait=60", HERMES)).body;
    await source.call("POST", `/api/instances/${id}/action`, { action: "stop" });
    await receiver.call("POST", `/api/transfers/${await offer(id)}/accept`, {});
    const stopped = await at(receiver, id, "stopped");
    expect(stopped.notices).toMatchObject([{ code: "model_key_missing" }]);
    await receiver.call("POST", `/api/instances/${id}/action`, { action: "start" });
    expect(await sh(receiver, id, "env | grep -c API_KEY; true")).toBe("0\n");
    await receiver.call("DELETE", `/api/instances/${id}`);
  });

  it("leaves both sides with chains that verify, also after one that was declined", async () => {
    const { body } = await source.call("POST", "/api/instances?wait=60", HERMES);
    await receiver.call("POST", `/api/transfers/${await offer(body.id)}/decline`);
    await source.call("PATCH", `/api/instances/${body.id}`, { name: "kept" });
    await receiver.call("POST", `/api/transfers/${await offer(body.id)}/accept`, {});
    await at(receiver, body.id, "running");
    const actionsOf = async (tenant: Tenant) =>
      (await tenant.call("GET", "/api/audit")).body.events.map(({ action }: { action: string }) => action);
    expect(await actionsOf(receiver)).toEqual(
      expect.arrayContaining(["transfer.decline", "transfer.accept"]),
    );
    expect(await actionsOf(source)).toEqual(expect.arrayContaining(["transfer.decline", "transfer.accept"]));
    for (const tenant of [source, receiver]) {
      const { chains } = await clientOf(tenant).audit.verify();
      expect(chains.filter(({ finding }) => finding !== null)).toEqual([]);
      expect(chains.map(({ chain }) => chain)).toContain(body.id);
    }
    await receiver.call("DELETE", `/api/instances/${body.id}`);
  });

  it("is not taken by an account that has no room for it, and stays offered", async () => {
    const { body } = await source.call("POST", "/api/instances?wait=60", HERMES);
    const full = await newTenant();
    await operate("PATCH", `/api/admin/accounts/${full.accountId}`, { quota: { instances: 0 } });
    const offered = await source.call("POST", `/api/instances/${body.id}/transfer`, { to: full.accountId });
    const { id } = offered.body.transfer;
    const refused = await full.call("POST", `/api/transfers/${id}/accept`, {});
    expect([refused.status, refused.body.code]).toEqual([403, "quota_exceeded"]);
    expect((await source.call("GET", `/api/instances/${body.id}`)).status).toBe(200);
    expect((await source.call("POST", `/api/transfers/${id}/cancel`)).status).toBe(200);
    await source.call("DELETE", `/api/instances/${body.id}`);
  });

  it("tells nobody which accounts there are, and nothing to those it does not concern", async () => {
    const { id } = (await source.call("POST", "/api/instances?wait=60", HERMES)).body;
    const nobody = await source.call("POST", `/api/instances/${id}/transfer`, { to: "nobody@nowhere" });
    expect(nobody.status).toBe(201);
    const transfer = nobody.body.transfer.id;
    expect(Object.keys(nobody.body.transfer)).not.toContain("toAccount");
    for (const what of ["accept", "decline", "cancel"]) {
      const body = what === "accept" ? {} : undefined;
      expect((await receiver.call("POST", `/api/transfers/${transfer}/${what}`, body)).status).toBe(404);
    }
    expect((await source.call("POST", `/api/transfers/${transfer}/cancel`)).body.transfer.state).toBe(
      "cancelled",
    );
    const self = await source.call("POST", `/api/instances/${id}/transfer`, { to: source.accountId });
    expect(self.status).toBe(400);
    await source.call("DELETE", `/api/instances/${id}`);
  });
});
