import { beforeAll, describe, expect, it } from "vitest";
import { env, newTenant, operate, stubOf, type Tenant } from "../harness.ts";
import { makeProbe, orderFault, type Probe } from "./probe.ts";

let owner: Tenant;
let probe: Probe;

const BROWSER = { headers: { Accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" } };
/** Calls of the vendor that start the probe's machine. */
const STARTS = { method: "POST", path: "^/v1/apps/[^/]+/machines/[^/]+/start$" };

const events = async () => {
  const query =
    "SELECT action, actor, detail FROM audit_events WHERE instance_id = ? AND action = 'instance.resume' ORDER BY seq";
  return (await env.DB.prepare(query).bind(probe.id).all<{ actor: string }>()).results;
};

beforeAll(async () => {
  owner = await newTenant();
  probe = await makeProbe(owner);
});

describe("a request to an instance that sleeps", () => {
  it("wakes it and is served with its body, once and whole", async () => {
    await probe.act("suspend");
    const text = "x".repeat(300_000);
    const answer = await probe.visit("/body", { method: "POST", body: text });
    expect([answer.status, (await answer.text()) === text]).toEqual([200, true]);
    expect(await probe.state()).toBe("running");
  });

  it("wakes it once, also when a hundred come at once, each of whom gets an answer", async () => {
    await probe.act("suspend");
    const { generation } = (await stubOf(probe.id).get()) ?? {};
    const before = (await events()).length;
    const asked = Array.from({ length: 100 }, (_, n) => probe.visit(`/echo?n=${n}`));
    const answers = await Promise.all(
      asked.map(async (one) => (await (await one).json<{ url: string }>()).url),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => `/echo?n=${n}`));
    expect(await stubOf(probe.id).get()).toMatchObject({ generation: (generation ?? 0) + 1 });
    const wakes = (await events()).slice(before);
    expect(wakes.map(({ actor }) => actor)).toEqual(["edge:request"]);
  });

  it("opens a WebSocket to it", async () => {
    await probe.act("suspend");
    const { status, webSocket } = await probe.visit("/ws", { headers: { Upgrade: "websocket" } });
    expect(status).toBe(101);
    webSocket?.accept();
    const echoed = new Promise((resolve) =>
      webSocket?.addEventListener("message", ({ data }) => resolve(data), { once: true }),
    );
    webSocket?.send("awake?");
    expect(await echoed).toBe("awake?");
    webSocket?.close(1000);
  });

  it("is served where the edge still took it for running", async () => {
    expect((await probe.visit("/")).status).toBe(200);
    await probe.act("suspend");
    expect(await (await probe.visit("/echo?still")).json()).toMatchObject({ url: "/echo?still" });
    expect((await probe.visit("/")).status).toBe(200);
    await probe.act("suspend");
    // A body that went to the machine that sleeps cannot be sent twice: whoever sent it is told to.
    const { status, headers } = await probe.visit("/body", { method: "POST", body: "once" });
    expect([status, headers.get("Retry-After")]).toEqual([503, "1"]);
    await expect.poll(probe.state, { timeout: 20_000 }).toBe("running");
  });
});

describe("while waking takes its time", () => {
  it("a browser sees that, on a page that goes on by itself, and a program is held", async () => {
    await probe.act("suspend");
    const mend = await orderFault({ kind: "latency", ms: 4_000, match: { ...STARTS, count: 1 } });
    const held = probe.visit("/echo");
    const page = await probe.visit("/some/where?a=b", BROWSER);
    const html = await page.text();
    expect(page.status).toBe(503);
    expect(page.headers.get("Retry-After")).toBe("1");
    expect(page.headers.get("Cache-Control")).toBe("no-store");
    expect(html).toContain('role="progressbar"');
    // Without an address of its own it loads the one that was asked for.
    expect(html).toContain('<meta http-equiv="refresh" content="1">');
    expect(await probe.state()).toBe("starting");
    expect((await held).status).toBe(200);
    expect((await probe.visit("/", BROWSER)).status).toBe(200);
    await mend();
  });
});

describe("its owner's own doings", () => {
  it("wake it too: a command, and a terminal", async () => {
    await probe.act("suspend");
    const ran = await owner.call("POST", `/api/instances/${probe.id}/exec`, { command: "echo awake" });
    expect(ran.body).toMatchObject({ exitCode: 0, stdout: "awake\n" });
    expect(await probe.state()).toBe("running");
    await probe.act("suspend");
    const { body } = await owner.call("POST", `/api/instances/${probe.id}/terminal/ticket`);
    const worker = (await import("cloudflare:workers")).exports as unknown as { default: Fetcher };
    const { webSocket } = await worker.default.fetch(body.url.replace(/^ws/, "http"), {
      headers: { Upgrade: "websocket" },
    });
    webSocket?.accept();
    const exited = new Promise((resolve) =>
      webSocket?.addEventListener("message", ({ data }) => {
        const message = JSON.parse(String(data));
        if (message.type === "exit") resolve(message.exitCode);
      }),
    );
    webSocket?.send(JSON.stringify({ type: "input", data: "exit 5\n" }));
    expect(await exited).toBe(5);
    expect(await probe.state()).toBe("running");
  });
});

describe("lesson 15: a schedule", () => {
  const patch = (body: object) => owner.call("PATCH", `/api/instances/${probe.id}`, body);
  const soon = () => new Date(Date.now() + 500).toISOString();

  it("wakes what sleeps, with nobody there", async () => {
    await probe.act("suspend");
    const wakeAt = soon();
    expect((await patch({ wakeAt })).body.instance).toMatchObject({ wakeAt, wakeCron: null });
    await expect.poll(probe.state, { timeout: 20_000 }).toBe("running");
    const { body } = await owner.call("GET", `/api/instances/${probe.id}`);
    expect(body.instance).toMatchObject({ wakeAt: null });
    expect((await events()).at(-1)?.actor).toBe("system:schedule");
  });

  it("does not, and says so, where the month's budget is spent", async () => {
    await probe.act("suspend");
    const limits = { budget: { limitMicros: 0, action: "refuse" } };
    await operate("PATCH", `/api/admin/accounts/${owner.accountId}`, limits);
    await patch({ wakeAt: soon() });
    const missed = async () => {
      const { body } = await owner.call("GET", `/api/instances/${probe.id}/events`);
      return body.events.find(({ action }: { action: string }) => action === "instance.wake_missed")?.detail;
    };
    await expect.poll(missed, { timeout: 20_000 }).toMatchObject({
      reason: expect.stringContaining("budget"),
    });
    expect(await probe.state()).toBe("suspended");
    await operate("PATCH", `/api/admin/accounts/${owner.accountId}`, { budget: null });
  });

  it.each([
    [{ wakeCron: "every day" }, "wakeCron"],
    [{ wakeCron: "0 0 30 2 *" }, "wakeCron"],
    [{ wakeAt: "2020-01-01T00:00:00Z" }, "wakeAt"],
    [{ wakeAt: "tomorrow" }, "wakeAt"],
  ])("%j is refused", async (body, field) => {
    const refused = await patch(body);
    expect([refused.status, refused.body.code]).toEqual([400, "invalid_request"]);
    expect(JSON.stringify(refused.body.details)).toContain(field);
  });

  it("is shown, and taken away", async () => {
    const set = await patch({ wakeCron: "0 9 * * 1-5", wakeAt: "2030-01-01T09:00:00+01:00" });
    expect(set.body.instance).toMatchObject({ wakeCron: "0 9 * * 1-5", wakeAt: "2030-01-01T08:00:00.000Z" });
    const { body } = await owner.call("GET", "/api/instances");
    expect(body.instances[0]).toMatchObject({ wakeCron: "0 9 * * 1-5" });
    const gone = await patch({ wakeCron: null, wakeAt: null });
    expect(gone.body.instance).toMatchObject({ wakeCron: null, wakeAt: null });
  });
});

describe("who may not be woken", () => {
  const refusal = async () => {
    const answer = await probe.visit("/");
    const body = await answer.text();
    expect(answer.status).toBe(503);
    expect(answer.headers.get("Retry-After")).toBe("60");
    expect(body).not.toMatch(/budget|quota|suspended by|account/i);
    expect(await probe.state()).toBe("suspended");
    return body;
  };
  const change = (body: object) => operate("PATCH", `/api/admin/accounts/${owner.accountId}`, body);

  it.each([
    ["the budget is spent", { budget: { limitMicros: 0, action: "refuse" } }],
    ["the account is over its quota", { quota: { instances: 0 } }],
    ["the operator has closed the account", { suspended: true }],
  ])("%s: the visitor learns that it sleeps and no more, and nothing changes", async (_, limits) => {
    const fresh = await newTenant();
    const theirs = await makeProbe(fresh);
    await theirs.act("suspend");
    [owner, probe] = [fresh, theirs];
    const { generation } = (await stubOf(probe.id).get()) ?? {};
    expect((await change(limits)).status).toBe(200);
    await refusal();
    expect(await stubOf(probe.id).get()).toMatchObject({ generation });
    expect(await events()).toEqual([]);
  });

  it("a stopped instance stays stopped", async () => {
    const fresh = await newTenant();
    const theirs = await makeProbe(fresh);
    await theirs.act("stop");
    expect((await theirs.visit("/")).status).toBe(502);
    expect((await theirs.visit("/", BROWSER)).status).toBe(502);
    expect(await theirs.state()).toBe("stopped");
  });

  it("nor under a name that it has left", async () => {
    const fresh = await newTenant();
    const theirs = await makeProbe(fresh);
    await theirs.act("suspend");
    const waker = (await import("cloudflare:workers")).exports as unknown as {
      WakeEntrypoint: { wake(call: object): Promise<{ type: string }> };
    };
    const call = { instanceId: theirs.id, subdomain: "ai-former00", withinMs: 5_000 };
    expect(await waker.WakeEntrypoint.wake(call)).toEqual({ type: "gone" });
    expect(await theirs.state()).toBe("suspended");
  });
});
