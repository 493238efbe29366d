import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { hostStub } from "../../../src/host-object/stub.ts";
import { createHostLink } from "../../../src/provisioning/host/link.ts";
import { call, env, stubOf } from "../harness.ts";
import { drive, ok } from "./driving.ts";
import {
  type Channel,
  connect,
  enrol,
  hetznerInstance,
  newKey,
  openChannel,
  RECIPE,
  runningHost,
} from "./host-client.ts";

const link = createHostLink(env);
const ASSIGNED = { generation: 1, desired: "running" as const };
const OWNER = { actor: { type: "token" as const, id: "tok_test" }, accountId: "acc_test" };
const isEmpty = (id: string) =>
  runInDurableObject(
    hostStub(env, id),
    (_, state) =>
      state.storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf\\_%' ESCAPE '\\'")
        .toArray().length === 0,
  );
const auditOf = (id: string) =>
  env.DB.prepare(
    "SELECT action, actor, detail FROM audit_events WHERE instance_id = ? AND action LIKE 'host.%'",
  )
    .bind(id)
    .all<{ action: string; actor: string; detail: string }>()
    .then(({ results }) => results);

describe("enrolment", () => {
  it("happens once; a lost answer may be asked for again, another key is refused and written down", async () => {
    const id = await hetznerInstance();
    const [key, thief] = [await newKey(), await newKey()];
    expect(await enrol(id, key)).toMatchObject({ status: 200, body: { enrolled: true } });
    await evictDurableObject(hostStub(env, id));
    expect((await enrol(id, key)).status).toBe(200);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await enrol(id, thief)).toMatchObject({ status: 409, body: { code: "already_enrolled" } });
    }
    expect(await auditOf(id)).toMatchObject([
      { action: "host.enrol", actor: `host:${id}`, detail: expect.stringContaining(key.publicKey) },
      { action: "host.enrol_refused", detail: expect.stringContaining(thief.publicKey) },
    ]);
    await connect(id, key).then((channel) => channel.next("welcome"));
    expect(await (await connect(id, thief)).closed).toEqual({ code: 4401 });
  });

  it("takes the instance's own secret alone, and only while there is the instance", async () => {
    const [id, other] = [await hetznerInstance(), await hetznerInstance()];
    const key = await newKey();
    expect((await enrol(id, key, "guessed")).status).toBe(401);
    const { deriveEnrolmentSecret } = await import("../../../src/providers/hetzner/derive.ts");
    expect(
      (await enrol(id, key, await deriveEnrolmentSecret("host-secret-of-the-tests", other))).status,
    ).toBe(401);
    expect((await enrol("cmpmadeup", key)).status).toBe(401);
    expect((await enrol(id, { ...key, publicKey: "short" })).status).toBe(400);
    expect(await isEmpty(id)).toBe(true);
    expect(await isEmpty("cmpmadeup")).toBe(true);
    await stubOf(id).intend("delete", OWNER);
    await drive(id);
    expect((await stubOf(id).get())?.state).toBe("deleted");
    expect((await enrol(id, key)).status).toBe(401);
  });
});

describe("the channel", () => {
  it("opens for the key that enrolled, and tells it what to run", async () => {
    const id = await hetznerInstance();
    const key = await newKey();
    await enrol(id, key);
    const channel = await connect(id, key);
    expect((await channel.next("welcome")).assignment).toEqual({
      ...ASSIGNED,
      recipe: RECIPE,
      tunnelToken: null,
      spec: { memoryMb: 256 },
    });
    const kept = await runInDurableObject(hostStub(env, id), (_, { storage }) =>
      JSON.stringify(storage.sql.exec("SELECT * FROM host").toArray()),
    );
    expect(kept).not.toContain("sk-of-the-owner");
  });

  it("brings the tunnel's token once there is a tunnel", async () => {
    const id = await hetznerInstance();
    await drive(id, { place: ok({ refs: { place: "o-x.gentity.test", tunnel: "tun-1" } }), boot: ok() });
    const key = await newKey();
    await enrol(id, key);
    const { assignment } = await (await connect(id, key)).next("welcome");
    const token = assignment.desired === "running" ? assignment.tunnelToken : null;
    expect(JSON.parse(atob(token ?? ""))).toMatchObject({ a: env.CLOUDFLARE_ACCOUNT_ID, t: "tun-1" });
  });

  it("opens for nobody else", async () => {
    const [mine, theirs] = [await runningHost(), await runningHost()];
    expect(await (await connect(theirs.id, mine.key)).closed).toEqual({ code: 4401 });
    // Signed for the own instance, shown at another.
    expect(await (await connect(theirs.id, mine.key, mine.id)).closed).toEqual({ code: 4401 });
    const silent = (await openChannel(theirs.id)) as Channel;
    silent.send({ type: "heartbeat", agent: null, assigned: null, busy: [] });
    expect(await silent.closed).toEqual({ code: 4401 });
    expect((await link.report(theirs.id)).agent?.state).toBe("running");
  });

  it("does not open where nobody enrolled, and leaves nothing behind", async () => {
    const id = await hetznerInstance();
    expect(await openChannel(id)).toMatchObject({ status: 401 });
    expect(await isEmpty(id)).toBe(true);
    expect((await call("GET", "/api/host/channel?instance=cmp1")).status).toBe(400);
  });

  it("is one: a newer connection takes the older one's place, which loses what it was asked", async () => {
    const { id, key, channel } = await runningHost();
    const asked = link.exec(id, { command: ["true"], timeoutSeconds: 5 });
    await channel.next("exec");
    const newer = await connect(id, key);
    await newer.next("welcome");
    expect(await channel.closed).toEqual({ code: 4409 });
    expect(await asked).toMatchObject({ type: "unknown" });
    newer.send({
      type: "heartbeat",
      agent: { state: "running", since: 1 },
      assigned: ASSIGNED,
      busy: [{ kind: "pty", since: 5 }],
    });
    await newer.next("heartbeat-ack");
    expect(await hostStub(env, id).report()).toMatchObject({
      enrolled: true,
      connected: true,
      busy: [{ kind: "pty", since: 5 }],
    });
  });

  it("survives the object's eviction", async () => {
    const { id, channel } = await runningHost();
    await evictDurableObject(hostStub(env, id), { webSockets: "hibernate" });
    expect(await link.report(id)).toMatchObject({ connected: true, agent: { state: "running" } });
    const asked = link.exec(id, { command: ["echo", "hi"], stdin: "in", timeoutSeconds: 5 });
    const request = await channel.next("exec");
    expect(request).toMatchObject({ command: ["echo", "hi"], stdin: "in", timeoutSeconds: 5 });
    channel.send({ type: "output", id: request.id, stream: "stdout", data: btoa("h") });
    channel.send({ type: "output", id: request.id, stream: "stderr", data: btoa("oops") });
    channel.send({ type: "output", id: request.id, stream: "stdout", data: btoa("i") });
    channel.send({ type: "exit", id: request.id, exitCode: 3 });
    expect(await asked).toEqual({ type: "ok", value: { exitCode: 3, stdout: "hi", stderr: "oops" } });
  });

  it("tells its host anew when something else is wanted, and takes no old news for new", async () => {
    const { id, channel } = await runningHost();
    await drive(id, {
      place: ok({ refs: { place: "o" } }),
      boot: ok(),
      machine: ok({ refs: { machine: "m" } }),
    });
    await stubOf(id).intend("stop", OWNER);
    expect((await link.report(id)).agent?.state).toBe("preparing");
    const { assignment } = await channel.next("welcome");
    expect(assignment).toEqual({ desired: "stopped", generation: 2 });
    channel.send({
      type: "heartbeat",
      agent: { state: "stopped", since: 2 },
      assigned: { desired: "stopped", generation: 2 },
      busy: [],
    });
    await channel.next("heartbeat-ack");
    expect((await link.report(id)).agent).toEqual({ state: "stopped", since: 2 });
  });
});

describe("through the link", () => {
  it("nothing runs where no agent runs", async () => {
    const id = await hetznerInstance();
    expect(await link.report(id)).toEqual({
      enrolled: false,
      connected: false,
      agent: null,
      seenAt: null,
      busy: [],
    });
    expect(await link.exec(id, { command: ["true"], timeoutSeconds: 1 })).toMatchObject({
      type: "rejected",
      code: "not_running",
    });
    expect(await link.quiesce(id)).toEqual({ type: "ok", value: undefined });
    expect(await isEmpty(id)).toBe(true);
  });

  it("a command waits for a host that is away while its agent ran, but not without end", async () => {
    const { id, channel } = await runningHost();
    channel.socket.close(1000);
    await expect.poll(async () => (await link.report(id)).connected).toBe(false);
    const exec = () => link.exec(id, { command: ["true"], timeoutSeconds: 1 });
    expect(await exec()).toMatchObject({ type: "retry" });
    await runInDurableObject(hostStub(env, id), (object) => {
      Reflect.set(object, "awaySince", Date.now() - 60_000);
    });
    expect(await exec()).toMatchObject({ type: "rejected", code: "not_running" });
  });

  it("an agent that ended by itself makes the instance look", async () => {
    const { id, channel } = await runningHost();
    await drive(id, {
      place: ok({ refs: { place: "o" } }),
      machine: ok({ refs: { machine: "m" } }),
      boot: ok({ observed: { machine: "started", vendorState: "running" } }),
    });
    expect((await stubOf(id).get())?.state).toBe("running");
    await runInDurableObject(stubOf(id), (_, { storage: { sql } }) => {
      sql.exec("UPDATE record SET body = json_set(body, '$.checkAt', ?)", Date.now() + 1_000);
    });
    expect(await stubOf(id).next("driver")).toEqual({ type: "idle" });
    channel.send({
      type: "heartbeat",
      agent: { state: "exited", since: 2, exitCode: 1, note: "it ended 5 times in a row" },
      assigned: ASSIGNED,
      busy: [],
    });
    await channel.next("heartbeat-ack");
    await expect.poll(async () => (await stubOf(id).next("driver")).type).toBe("step");
  });

  it("an orderly end is asked for, and remembered as one", async () => {
    const { id, channel } = await runningHost();
    const asked = link.quiesce(id);
    channel.send({ type: "quiesced", id: (await channel.next("quiesce")).id });
    expect(await asked).toEqual({ type: "ok", value: undefined });
    expect((await link.report(id)).agent?.state).toBe("stopped");
    const again = link.quiesce(id);
    await channel.next("quiesce");
    channel.socket.close(1000);
    expect((await again).type).toBe("retry");
    expect(await link.report(id)).toMatchObject({ connected: false, enrolled: true });
  });

  it("the log is kept, once and bounded, and read on from a cursor", async () => {
    const { id, channel } = await runningHost();
    const batch = (seq: number, count: number, lost = 0) => {
      const lines = Array.from({ length: count }, (_, at) => ({
        at: seq * 1_000 + at,
        source: "agent" as const,
        level: "info" as const,
        message: `line ${seq}.${at}`,
      }));
      channel.send({ type: "logs", run: "r1", seq, lines, lost });
      return channel.next("logs-ack");
    };
    await batch(1, 2);
    await evictDurableObject(hostStub(env, id), { webSockets: "hibernate" });
    // Its acknowledgement was lost.
    expect(await batch(1, 2)).toEqual({ type: "logs-ack", seq: 1 });
    const first = await link.logs(id, {});
    expect(first).toMatchObject({
      type: "ok",
      value: {
        lines: [{ message: "line 1.0", timestamp: "1970-01-01T00:00:01.000Z" }, { message: "line 1.1" }],
      },
    });
    const { cursor } = first.type === "ok" ? first.value : { cursor: "" };
    await batch(2, 1, 7);
    expect(await link.logs(id, { cursor })).toMatchObject({
      type: "ok",
      value: {
        lines: [{ level: "warn", message: expect.stringContaining("7 lines") }, { message: "line 2.0" }],
      },
    });
    for (let seq = 3; seq < 10; seq++) {
      await batch(seq, 400);
    }
    const all = await link.logs(id, {});
    const lines = all.type === "ok" ? all.value.lines : [];
    expect(lines.length).toBe(2_000);
    expect(lines.at(-1)?.message).toBe("line 9.399");
    expect(await link.logs(id, { cursor: "999999" })).toMatchObject({ value: { lines: { length: 2_000 } } });
  });

  it("a server that is gone is forgotten, and the next one enrols anew", async () => {
    const { id, channel } = await runningHost();
    await link.forget(id);
    expect(await channel.closed).toEqual({ code: 4404 });
    expect(await isEmpty(id)).toBe(true);
    expect((await link.report(id)).enrolled).toBe(false);
    expect((await enrol(id, await newKey())).status).toBe(200);
  });

  it("a terminal is carried both ways, and ends with its shell", async () => {
    const { id, channel } = await runningHost();
    const response = await hostStub(env, id).fetch("https://host/pty?cols=100&rows=30", {
      headers: { Upgrade: "websocket" },
    });
    const terminal = response.webSocket as WebSocket;
    terminal.binaryType = "arraybuffer";
    const shown: unknown[] = [];
    terminal.addEventListener("message", ({ data }) => {
      shown.push(typeof data === "string" ? JSON.parse(data) : new TextDecoder().decode(data as ArrayBuffer));
    });
    const closed = new Promise((resolve) => terminal.addEventListener("close", resolve));
    terminal.accept();
    const open = await channel.next("pty-open");
    expect(open).toMatchObject({ cols: 100, rows: 30 });
    await evictDurableObject(hostStub(env, id), { webSockets: "hibernate" });
    terminal.send(new TextEncoder().encode("ls\r"));
    expect(await channel.next("pty-input")).toEqual({ type: "pty-input", id: open.id, data: btoa("ls\r") });
    terminal.send(JSON.stringify({ cols: 80, rows: 24 }));
    expect(await channel.next("pty-resize")).toMatchObject({ id: open.id, cols: 80 });
    channel.send({ type: "pty-output", id: open.id, data: btoa("a b c") });
    channel.send({ type: "pty-exit", id: open.id, exitCode: 0 });
    await closed;
    expect(shown).toEqual(["a b c", { exitCode: 0, signal: null }]);
  });
});

it("serves the host program under its hash alone", async () => {
  const { HOST_PROGRAM, HOST_PROGRAM_SHA256 } = await import("../../../src/host-program.ts");
  const served = await call<string>("GET", `/host/${HOST_PROGRAM_SHA256}.mjs`);
  expect(served.status).toBe(200);
  expect(served.headers.get("Cache-Control")).toContain("immutable");
  expect(served.body).toBe(HOST_PROGRAM);
  expect((await call("GET", `/host/${"0".repeat(64)}.mjs`)).status).toBe(404);
});
