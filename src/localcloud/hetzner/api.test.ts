import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { TestHetzner } from "../testing/hetzner.ts";

let hetzner: TestHetzner;
beforeAll(async () => {
  hetzner = await TestHetzner.start();
});
afterEach(async () => {
  await hetzner.call("DELETE", "/_control/faults");
});
afterAll(() => hetzner.close());

const codeOf = ({ status, body }: { status: number; body: { error?: { code: string } } }) => [
  status,
  body?.error?.code,
];

describe("who may ask", () => {
  it("is told apart: no token, a wrong one, a path that leads nowhere", async ({ expect }) => {
    expect((await hetzner.call("GET", "/servers", undefined, null)).body.error).toEqual({
      code: "unauthorized",
      message: "token is required",
      details: null,
    });
    expect(codeOf(await hetzner.call("GET", "/servers", undefined, "wrong"))).toEqual([401, "unauthorized"]);
    expect((await hetzner.call("GET", "/nowhere", undefined, null)).body.error).toMatchObject({
      code: "not_found",
      message: "api route not found",
    });
  });

  it("hears how much may be asked", async ({ expect }) => {
    const { headers } = await hetzner.call("GET", "/locations");
    expect(headers.get("ratelimit-limit")).toBe("3600");
    expect(Number(headers.get("ratelimit-remaining"))).toBeLessThan(3600);
    expect(Number(headers.get("ratelimit-reset"))).toBeGreaterThan(Date.now() / 1000 - 5);
  });
});

describe("a server", () => {
  it("is made by actions, is listed, and goes with everything but its volume", async ({ expect }) => {
    const [volume, firewall] = [await hetzner.volume(), await hetzner.firewall()];
    const { status, body } = await hetzner.create({
      name: "gentity-one",
      labels: { "gentity.ai/instance": "cmp1", kind: "agent" },
      volumes: [volume],
      firewalls: [{ firewall }],
      public_net: { enable_ipv4: true, enable_ipv6: false },
    });
    expect(status).toBe(201);
    expect(body.server).toMatchObject({ status: "initializing", locked: true, volumes: [volume] });
    expect(body.action).toMatchObject({ command: "create_server", status: "running", progress: 0 });
    expect(body.next_actions.map(({ command }: { command: string }) => command)).toEqual([
      "attach_volume",
      "start_server",
    ]);
    expect(await hetzner.settled(body)).toEqual(["success", "success", "success"]);
    const { id } = body.server;
    const { server } = (await hetzner.call("GET", `/servers/${id}`)).body;
    expect(server).toMatchObject({ status: "running", locked: false, location: { name: "fsn1" } });
    expect(server.public_net).toMatchObject({ ipv6: null, firewalls: [{ id: firewall, status: "applied" }] });
    for (const query of [
      "name=gentity-one",
      "label_selector=kind=agent",
      "label_selector=gentity.ai/instance%20in%20(cmp1,cmp2),!other",
    ]) {
      expect((await hetzner.call("GET", `/servers?${query}`)).body.servers).toMatchObject([{ id }]);
    }
    expect((await hetzner.call("GET", "/servers?label_selector=kind!=agent,kind")).body.servers).toEqual([]);
    expect(codeOf(await hetzner.call("DELETE", `/firewalls/${firewall}`))).toEqual([422, "resource_in_use"]);
    expect(codeOf(await hetzner.call("DELETE", `/volumes/${volume}`))).toEqual([422, "service_error"]);
    const gone = await hetzner.call("DELETE", `/servers/${id}`);
    expect(gone.body.action).toMatchObject({ command: "delete_server" });
    await hetzner.settled(gone.body);
    expect(codeOf(await hetzner.call("GET", `/servers/${id}`))).toEqual([404, "not_found"]);
    expect((await hetzner.call("GET", `/volumes/${volume}`)).body.volume.server).toBeNull();
    expect((await hetzner.call("DELETE", `/volumes/${volume}`)).status).toBe(204);
    expect((await hetzner.call("DELETE", `/firewalls/${firewall}`)).status).toBe(204);
  });

  it("goes off and on, and nothing is done to it twice at once", async ({ expect }) => {
    const { body } = await hetzner.create();
    const { id } = body.server;
    expect(codeOf(await hetzner.call("POST", `/servers/${id}/actions/poweroff`))).toEqual([423, "locked"]);
    expect(codeOf(await hetzner.call("DELETE", `/servers/${id}`))).toEqual([423, "locked"]);
    await hetzner.settled(body);
    const off = await hetzner.call("POST", `/servers/${id}/actions/poweroff`);
    expect([off.status, off.body.action.command]).toEqual([201, "stop_server"]);
    await hetzner.settled(off.body);
    expect(await hetzner.status(id)).toBe("off");
    await hetzner.act(id, "poweron");
    expect(await hetzner.status(id)).toBe("running");
    await hetzner.act(id, "shutdown");
    await hetzner.reach(id, "off");
    const { actions } = (await hetzner.call("GET", `/servers/${id}/actions?sort=id:desc&per_page=2`)).body;
    expect(actions.map(({ command }: { command: string }) => command)).toEqual([
      "shutdown_server",
      "start_server",
    ]);
  });

  it("is refused for a name that is taken, and for what is not sold", async ({ expect }) => {
    await hetzner.server({ name: "taken" });
    const taken = await hetzner.create({ name: "taken" });
    expect(codeOf(taken)).toEqual([409, "uniqueness_error"]);
    expect(taken.body.error.details).toEqual({ fields: [{ name: "name" }] });
    const wrong = { name: "not_a_hostname" };
    for (const options of [wrong, { server_type: "cx999" }, { location: "moon" }, { image: "dos" }]) {
      expect(codeOf(await hetzner.create(options))).toEqual([422, "invalid_input"]);
    }
    expect(codeOf(await hetzner.create({ server_type: "cpx11" }))).toEqual([422, "invalid_input"]);
    const large = await hetzner.create({ user_data: "#".repeat(32 * 1024 + 1) });
    expect(large.body.error.details.fields).toMatchObject([{ name: "user_data" }]);
    expect(codeOf(await hetzner.create({ labels: { "hetzner.cloud/x": "y" } }))).toEqual([
      422,
      "invalid_input",
    ]);
  });
});

describe("a volume", () => {
  it("is attached to one server at a time, where it is", async ({ expect }) => {
    const volume = await hetzner.volume("unique");
    expect(
      codeOf(await hetzner.call("POST", "/volumes", { name: "unique", size: 10, location: "fsn1" })),
    ).toEqual([409, "uniqueness_error"]);
    expect(
      codeOf(await hetzner.call("POST", "/volumes", { name: "tiny", size: 9, location: "fsn1" })),
    ).toEqual([422, "invalid_input"]);
    const [one, far] = [await hetzner.server(), await hetzner.server({ location: "hel1" })];
    const attach = (server: number) =>
      hetzner.call("POST", `/volumes/${volume}/actions/attach`, { server, automount: false });
    expect(codeOf(await attach(far))).toEqual([422, "invalid_input"]);
    await hetzner.settled((await attach(one)).body);
    expect(codeOf(await attach(one))).toEqual([422, "volume_already_attached"]);
    const detached = await hetzner.call("POST", `/volumes/${volume}/actions/detach`);
    expect(await hetzner.settled(detached.body)).toEqual(["success"]);
    expect((await hetzner.call("GET", `/volumes/${volume}`)).body.volume).toMatchObject({
      server: null,
      status: "available",
      linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume}`,
    });
    await hetzner.settled(
      (await hetzner.call("POST", `/volumes/${volume}/actions/resize`, { size: 20 })).body,
    );
    expect((await hetzner.call("GET", `/volumes/${volume}`)).body.volume.size).toBe(20);
  });
});

describe("lists and actions", () => {
  it("come in pages", async ({ expect }) => {
    const { body } = await hetzner.call("GET", "/server_types?page=2&per_page=5");
    expect(body.server_types).toHaveLength(5);
    expect(body.meta.pagination).toMatchObject({ page: 2, per_page: 5, previous_page: 1, next_page: 3 });
  });

  it("are asked for many at once, and only by id", async ({ expect }) => {
    const { body } = await hetzner.create();
    const ids = [body.action.id, body.next_actions[0].id];
    const answer = await hetzner.call("GET", `/actions?id=${ids[0]}&id=${ids[1]}&id=1`);
    expect(answer.body.actions.map(({ id }: { id: number }) => id)).toEqual(ids);
    expect((await hetzner.call("GET", "/actions")).status).toBe(410);
    expect((await hetzner.call("GET", "/datacenters")).status).toBe(410);
    await hetzner.settled(body);
  });
});

describe("ordered faults", () => {
  const servers = async () => (await hetzner.call("GET", "/servers")).body.meta.pagination.total_entries;

  it("say that there is no room, now or ever", async ({ expect }) => {
    const match = { method: "POST", path: "/v1/servers", count: 1 };
    await hetzner.fault({ kind: "capacity", match });
    expect(codeOf(await hetzner.create())).toEqual([412, "resource_unavailable"]);
    await hetzner.fault({ kind: "capacity", match, status: 403 });
    const limit = await hetzner.create();
    expect(codeOf(limit)).toEqual([403, "resource_limit_exceeded"]);
    expect(limit.body.error.details.limits).toEqual([{ name: "server_limit" }]);
  });

  it("fail before the effect, after it, or lose the answer", async ({ expect }) => {
    const before = await servers();
    const match = { method: "POST", count: 1 };
    await hetzner.fault({ kind: "error_before", match });
    expect(codeOf(await hetzner.create())).toEqual([500, "server_error"]);
    expect(await servers()).toBe(before);
    await hetzner.fault({ kind: "error_after", match, status: 502 });
    expect((await hetzner.create()).status).toBe(502);
    await hetzner.fault({ kind: "lost_answer", match });
    await expect(hetzner.create()).rejects.toThrow("fetch failed");
    expect(await servers()).toBe(before + 2);
  });

  it("say 429 and when to come again", async ({ expect }) => {
    await hetzner.fault({ kind: "rate_limit", match: { count: 1 } });
    const refused = await hetzner.call("GET", "/servers");
    expect(codeOf(refused)).toEqual([429, "rate_limit_exceeded"]);
    await hetzner.fault({ kind: "error_before", status: 409, match: { count: 1 } });
    expect(codeOf(await hetzner.call("GET", "/servers"))).toEqual([409, "conflict"]);
    expect(refused.headers.get("ratelimit-remaining")).toBe("0");
  });

  it("leave an action under way for ever, and the server can still be deleted", async ({ expect }) => {
    const id = await hetzner.server();
    await hetzner.fault({ kind: "stuck", match: { path: `/v1/servers/${id}/actions/poweroff`, count: 1 } });
    const { body } = await hetzner.call("POST", `/servers/${id}/actions/poweroff`);
    expect(codeOf(await hetzner.call("POST", `/servers/${id}/actions/poweron`))).toEqual([423, "locked"]);
    const { action } = (await hetzner.call("GET", `/actions/${body.action.id}`)).body;
    expect(action.status).toBe("running");
    await hetzner.settled((await hetzner.call("DELETE", `/servers/${id}`)).body);
    expect(await hetzner.status(id)).toBe("404");
  });

  it("show a state that nobody has heard of, and let a server vanish", async ({ expect }) => {
    const id = await hetzner.server();
    await hetzner.fault({ kind: "unknown_state", match: { method: "GET", path: "/v1/servers" } });
    expect(await hetzner.status(id)).toBe("hibernating");
    await hetzner.call("DELETE", "/_control/faults");
    await hetzner.fault({ kind: "vanish", match: { path: `/v1/servers/${id}`, count: 1 } });
    expect(await hetzner.status(id)).toBe("404");
  });

  it("are remembered as calls, without what was in them", async ({ expect }) => {
    await hetzner.call("DELETE", "/_control/calls");
    await hetzner.create({ user_data: "#cloud-config\nsecret: sk-1\n" });
    const { body } = await hetzner.call("GET", "/_control/calls");
    expect(body.calls).toMatchObject([{ method: "POST", path: "/v1/servers", status: 201 }]);
    expect(JSON.stringify(body)).not.toContain("sk-1");
  });
});
