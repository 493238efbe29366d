import { createScheduledController } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import worker from "../../../src/index.ts";
import { AIDER, type Answer, call, clientOf, env, newTenant, stubOf, type Tenant } from "../harness.ts";

let owner: Tenant;
let id: string;

interface Event {
  id: string;
  chain: string;
  seq: number;
  action: string;
  actor: string;
  at: string;
  requestId: string;
  detail: Record<string, unknown> | null;
}

const verify = async (tenant = owner) => (await clientOf(tenant).audit.verify()).chains;
const findings = async (tenant = owner) => (await verify(tenant)).map(({ finding }) => finding);
const events = async (path = `/api/instances/${id}/events`): Promise<Event[]> =>
  (await owner.call("GET", path)).body.events;

/** Waits for what is recorded beside the answer. */
async function eventually(
  action: string,
  count: number,
  find: () => Promise<Event[]> = events,
): Promise<Event[]> {
  for (let tries = 0; tries < 100; tries++) {
    const found = (await find()).filter((event) => event.action === action);
    if (found.length >= count) {
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`there are not ${count} of ${action}`);
}

async function signAll(): Promise<void> {
  await worker.scheduled(createScheduledController({ cron: "10 0 * * *" }), env);
  for (let tries = 0; tries < 20; tries++) {
    await worker.scheduled(createScheduledController({ cron: "*/5 * * * *" }), env);
  }
}

const exec = (body: object, headers = {}) => owner.call("POST", `/api/instances/${id}/exec`, body, headers);

beforeAll(async () => {
  owner = await newTenant();
  const { body } = await owner.call("POST", "/api/instances?wait=60", AIDER);
  expect(body).toMatchObject({ status: "running" });
  id = body.id;
});

describe("the events of an instance", () => {
  it("tell who did what, when, in which request, and what it was before", async () => {
    const { headers } = await owner.call("PATCH", `/api/instances/${id}`, { name: "renamed" });
    const [event] = await events();
    expect(event).toEqual({
      id: expect.stringMatching(/^aud_/),
      chain: id,
      seq: expect.any(Number),
      prevHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      accountId: owner.accountId,
      instanceId: id,
      actor: `token:${owner.tokenId}`,
      action: "instance.update",
      target: id,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestId: headers.get("X-Request-Id"),
      detail: { before: { name: "Aider - gpt-4o" }, after: { name: "renamed" } },
    });
    const first = (await events()).at(-1);
    expect(first).toMatchObject({ action: "instance.create", chain: owner.accountId });
  });

  it("page back from the newest, and on from any, without skipping", async () => {
    const all = await events();
    const paged: Event[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "limit=2" : `limit=2&cursor=${cursor}`;
      const { body }: Answer = await owner.call("GET", `/api/instances/${id}/events?${query}`);
      paged.push(...body.events);
      cursor = body.nextCursor;
    }
    expect(paged).toEqual(all);
    expect(await events(`/api/instances/${id}/events?after=0`)).toEqual(all.toReversed());
    const both = await owner.call("GET", "/api/audit?after=1&cursor=2");
    expect([both.status, both.body.code]).toEqual([400, "invalid_request"]);
  });

  it("are the account's too, of all chains or of one", async () => {
    const all = await events("/api/audit");
    expect(new Set(all.map(({ chain }) => chain))).toEqual(new Set([owner.accountId, id]));
    const one = await events(`/api/audit?chain=${id}`);
    expect(one).toEqual(all.filter(({ chain }) => chain === id));
  });
});

describe("commands", () => {
  it("are recorded with their first 200 characters and how they ended, and without what they were given", async () => {
    const command = ["sh", "-c", `exit 3 # ${"x".repeat(300)}`, "it's"];
    await exec({ command, stdin: "s3cr3t-stdin", env: { KEY: "s3cr3t-env" } });
    const [event] = await eventually("instance.exec", 1);
    expect(event?.detail).toEqual({
      command: `sh -c 'exit 3 # ${"x".repeat(300)}`.slice(0, 200),
      exitCode: 3,
      signal: null,
      durationMs: expect.any(Number),
    });
    expect(event?.actor).toBe(`token:${owner.tokenId}`);
    expect(JSON.stringify(await events("/api/audit"))).not.toContain("s3cr3t");
  });

  it("are recorded when they are streamed, detached, or end by a signal", async () => {
    const before = (await events()).filter(({ action }) => action === "instance.exec").length;
    await exec({ command: "echo streamed" }, { Accept: "text/event-stream" });
    await eventually("instance.exec", before + 1);
    const { body } = await exec({ command: "sleep 600", detach: true });
    await eventually("instance.exec", before + 2);
    await exec({ command: "kill -9 $$" });
    const found = await eventually("instance.exec", before + 3);
    expect(found.slice(0, 3).map(({ detail }) => detail)).toEqual([
      { command: "kill -9 $$", exitCode: 137, signal: "SIGKILL", durationMs: expect.any(Number) },
      { command: "sleep 600", detached: true, execId: body.execId },
      {
        command: "echo streamed",
        execId: expect.any(String),
        exitCode: 0,
        signal: null,
        durationMs: expect.any(Number),
      },
    ]);
  });

  it("that were detached have their end recorded once, when it is first seen", async () => {
    const before = (await events()).filter(({ action }) => action === "instance.exec").length;
    const { body } = await exec({ command: "exit 4", detach: true });
    const poll = () => owner.call("GET", `/api/instances/${id}/exec/${body.execId}`);
    while ((await poll()).body.status !== "exited") {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await poll();
    const found = await eventually("instance.exec", before + 2);
    expect(found.filter(({ action }) => action === "instance.exec")).toHaveLength(before + 2);
    expect(found.map(({ detail }) => detail)).toContainEqual({
      execId: body.execId,
      detached: true,
      exitCode: 4,
      signal: null,
      durationMs: expect.any(Number),
    });
  });
});

describe("terminals", () => {
  it("are recorded when they open and close", async () => {
    const { body } = await owner.call("POST", `/api/instances/${id}/terminal/ticket`);
    const { exports } = (await import("cloudflare:workers")) as unknown as { exports: { default: Fetcher } };
    const url = body.url.replace("ws:", "http:");
    const { webSocket } = await exports.default.fetch(url, { headers: { Upgrade: "websocket" } });
    webSocket?.accept();
    // At its prompt, once.
    const type = () => webSocket?.send(JSON.stringify({ type: "input", data: "exit 4\n" }));
    webSocket?.addEventListener("message", type, { once: true });
    const found = await eventually("instance.terminal", 2);
    expect(found.map(({ detail }) => detail)).toEqual([
      { event: "closed", sessionId: expect.any(String), exitCode: 4, signal: null },
      { event: "opened", sessionId: found[0]?.detail?.sessionId },
    ]);
    expect(found[0]?.actor).toBe(`token:${owner.tokenId}`);
  });
});

describe("the chains", () => {
  it("hold when 20 tokens are made at once", async () => {
    const tenant = await newTenant();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => tenant.call("POST", "/api/tokens", { name: `t${at}` })),
    );
    expect(made.map(({ status }) => status)).toEqual(made.map(() => 201));
    expect((await tenant.call("GET", "/api/tokens")).body.tokens).toHaveLength(21);
    const chains = await verify(tenant);
    expect(chains).toEqual([{ chain: tenant.accountId, events: 20, signedSeq: 0, finding: null }]);
  });

  it("outlive the instance", async () => {
    const { body } = await owner.call("POST", "/api/instances?wait=60", { ...AIDER, name: "short-lived" });
    await owner.call("DELETE", `/api/instances/${body.id}`);
    const kept = await events(`/api/instances/${body.id}/events`);
    expect(kept[0]).toMatchObject({ action: "instance.state", detail: { to: "deleted" } });
    expect(kept.at(-1)).toMatchObject({ action: "instance.create" });
    expect(await findings()).toEqual([null, null, null]);
    // And what is left of the object still knows where its chain ends.
    const last = (await events(`/api/audit?chain=${body.id}`))[0];
    expect(await stubOf(body.id).auditHead()).toMatchObject({ seq: last?.seq, isDelivered: true });
  });
});

describe("signed heads", () => {
  it("are signed with the first key, published beside the old one, and hold", async () => {
    await signAll();
    const { body } = await owner.call("GET", "/api/audit/heads");
    expect(body.configured).toBe(true);
    expect(body.heads.map(({ chain }: Event) => chain)).toEqual(
      expect.arrayContaining([id, owner.accountId]),
    );
    const [header] = body.heads[0].jws.split(".");
    expect(JSON.parse(atob(header))).toMatchObject({ alg: "EdDSA", kid: "new" });
    const jwks = await call("GET", "/.well-known/jwks.json");
    expect(jwks.body.keys.map(({ kid }: { kid: string }) => kid)).toEqual(["new", "old", "edge"]);
    for (const report of await verify()) {
      expect(report).toMatchObject({ finding: null, signedSeq: report.events });
    }
  });

  it("are signed once for what has not moved, and again for what has", async () => {
    await signAll();
    const before = (await owner.call("GET", "/api/audit/heads")).body.heads;
    await signAll();
    expect((await owner.call("GET", "/api/audit/heads")).body.heads).toEqual(before);
    await owner.call("PATCH", `/api/instances/${id}`, { name: "moved" });
    await signAll();
    const after = (await owner.call("GET", "/api/audit/heads")).body.heads;
    expect(after).toHaveLength(before.length + 1);
    expect(after[0]).toMatchObject({ chain: id, seq: (await events(`/api/audit?chain=${id}`))[0]?.seq });
    expect(await findings()).toEqual((await verify()).map(() => null));
  });

  it("are not signed over a chain whose signed part is gone, and the loss is seen", async () => {
    const tenant = await newTenant();
    await tenant.call("POST", "/api/tokens", { name: "one" });
    await tenant.call("POST", "/api/tokens", { name: "two" });
    await signAll();
    await env.DB.batch([
      env.DB.prepare("DROP TRIGGER audit_is_never_deleted"),
      env.DB.prepare("DELETE FROM audit_events WHERE chain = ? AND seq = 2").bind(tenant.accountId),
      env.DB.prepare(
        "CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END",
      ),
    ]);
    expect(await findings(tenant)).toMatchObject([
      { kind: "missing", seq: 2, message: "event 2 is missing" },
    ]);
    await tenant.call("POST", "/api/tokens", { name: "in its place" });
    await tenant.call("POST", "/api/tokens", { name: "and on" });
    await signAll();
    expect((await tenant.call("GET", "/api/audit/heads")).body.heads).toHaveLength(1);
    expect(await findings(tenant)).toMatchObject([{ kind: "head_mismatch", seq: 2 }]);
  });

  it("belong to their account", async () => {
    const stranger = await newTenant();
    expect((await stranger.call("GET", "/api/audit/heads")).body.heads).toEqual([]);
    expect((await stranger.call("GET", `/api/audit?chain=${id}`)).body.events).toEqual([]);
  });

  it("are none, and it is said so, where no key is set", async () => {
    const { createApi } = await import("../../../src/api/app.ts");
    const without = { ...env, AUDIT_SIGNING_KEYS: undefined, EDGE_SIGNING_KEYS: undefined };
    const ctx = { waitUntil: () => {}, passThroughOnException: () => {} } as unknown as ExecutionContext;
    const headers = { Authorization: `Bearer ${owner.token}` };
    const ask = (path: string) => createApi().request(path, { headers }, without, ctx);
    expect(await (await ask("/.well-known/jwks.json")).json()).toEqual({ keys: [] });
    expect(await (await ask("/api/audit/heads")).json()).toMatchObject({ configured: false });
    await worker.scheduled(createScheduledController({ cron: "10 0 * * *" }), without);
  });
});
