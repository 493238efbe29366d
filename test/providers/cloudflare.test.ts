import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connected, end, startConnector } from "../../src/localcloud/cloudflare/testing/connector.ts";
import {
  ACCOUNT,
  newSecret,
  TestCloudflare,
  TOKEN,
  ZONE,
  ZONE_NAME,
} from "../../src/localcloud/cloudflare/testing/vendor.ts";
import {
  createTunnels,
  type Tunnels,
  type TunnelsConfig,
  tunnelToken,
} from "../../src/providers/cloudflare/tunnels.ts";

let cloudflare: TestCloudflare;
let tunnels: Tunnels;
const client = (more: Partial<TunnelsConfig> = {}) =>
  createTunnels({ apiUrl: cloudflare.vendor.url, token: TOKEN, accountId: ACCOUNT, zoneId: ZONE, ...more });

beforeAll(async () => {
  cloudflare = await TestCloudflare.start({ limits: { tunnels: 60, records: 60 } });
  tunnels = client();
});
afterEach(() => cloudflare.calm());
afterAll(() => cloudflare.close());

const newName = () => `gentity-${randomBytes(6).toString("hex")}`;
const newHost = () => `o-${randomBytes(6).toString("hex")}.${ZONE_NAME}`;
const INGRESS = [
  { hostname: "o-x.example.com", service: "http://localhost:3000" },
  { service: "http_status:404" },
];

function took<T>(outcome: { type: string; value?: T }): T {
  expect(outcome).toMatchObject({ type: "ok" });
  return outcome.value as T;
}
const living = async (name: string) =>
  (await cloudflare.tunnels("GET", `?is_deleted=false&name=${name}`)).body.result;
const recordsOf = async (host: string) =>
  (await cloudflare.records("GET", `?name.exact=${host}`)).body.result;

/** Every way in which one write goes wrong, and what the caller is told. */
const BROKEN = [
  { kind: "error_before", told: "unknown", tookEffect: false },
  { kind: "error_after", told: "ok", tookEffect: true },
  { kind: "lost_answer", told: "ok", tookEffect: true },
  { kind: "timeout_after", told: "ok", tookEffect: true },
  { kind: "timeout_before", told: "unknown", tookEffect: false },
  { kind: "rate_limit", told: "retry", tookEffect: false },
] as const;

const strike = (kind: string, method: string, path: string) =>
  cloudflare.fault({ kind, ms: 100, match: { method, path: `^.*${path}`, count: 1 } });

describe("a tunnel", () => {
  it("is made once for a name, remotely configured, with our secret", async () => {
    const [name, secret] = [newName(), newSecret()];
    const made = await Promise.all([1, 2, 3].map(() => tunnels.ensureTunnel(name, secret)));
    const { tunnelId } = took(made[0] ?? { type: "none" });
    for (const outcome of made) expect(outcome).toEqual({ type: "ok", value: { tunnelId } });
    expect(await living(name)).toEqual([expect.objectContaining({ id: tunnelId, config_src: "cloudflare" })]);
    const { body } = await cloudflare.tunnels("GET", `/${tunnelId}/token`);
    expect(body.result).toBe(tunnelToken({ accountId: ACCOUNT, tunnelId, secretBase64: secret }));
  });

  it.each(BROKEN)("is one tunnel after $kind", async ({ kind, told, tookEffect }) => {
    const [name, secret] = [newName(), newSecret()];
    await strike(kind, "POST", "/cfd_tunnel$");
    const first = await tunnels.ensureTunnel(name, secret);
    expect(first.type).toBe(told);
    expect(await living(name)).toHaveLength(tookEffect ? 1 : 0);
    const { tunnelId } = took(await tunnels.ensureTunnel(name, secret));
    expect(await living(name)).toEqual([expect.objectContaining({ id: tunnelId })]);
  });

  it("is not made while Cloudflare cannot be asked whether it is there", async () => {
    const name = newName();
    await cloudflare.fault({ kind: "error_before", match: { method: "GET" } });
    expect(await tunnels.ensureTunnel(name, newSecret())).toMatchObject({ type: "retry" });
    await cloudflare.calm();
    expect(await living(name)).toEqual([]);
  });

  it("of somebody else is neither adopted nor deleted", async () => {
    const name = newName();
    await cloudflare.tunnels("POST", "", { name, config_src: "local", tunnel_secret: newSecret() });
    expect(await tunnels.ensureTunnel(name, newSecret())).toMatchObject({ code: "name_taken" });
    expect(await tunnels.removeTunnel(undefined, name)).toMatchObject({ code: "name_taken" });
    expect(await living(name)).toHaveLength(1);
    // Remotely configured, but with a secret that is not ours.
    const other = newName();
    await cloudflare.tunnels("POST", "", {
      name: other,
      config_src: "cloudflare",
      tunnel_secret: newSecret(),
    });
    expect(await tunnels.ensureTunnel(other, newSecret())).toMatchObject({ code: "name_taken" });
    expect(await tunnels.listTunnels(name)).toEqual({ type: "ok", value: [] });
  });

  it("gets its rules, and is left alone when it has them", async () => {
    const { tunnelId } = took(await tunnels.ensureTunnel(newName(), newSecret()));
    const version = async () =>
      (await cloudflare.tunnels("GET", `/${tunnelId}/configurations`)).body.result.version;
    for (let time = 0; time < 3; time++) {
      expect(await tunnels.configure(tunnelId, INGRESS)).toEqual({ type: "ok", value: undefined });
    }
    expect(await version()).toBe(1);
    expect(await tunnels.configure(tunnelId, [{ service: "http_status:404" }])).toMatchObject({ type: "ok" });
    expect(await version()).toBe(2);
    expect(await tunnels.configure(tunnelId, INGRESS.slice(0, 1))).toMatchObject({ code: "invalid_spec" });
    expect(await tunnels.configure(crypto.randomUUID(), INGRESS)).toMatchObject({ code: "missing" });
  });

  it.each(BROKEN)("has the rules that were asked for after $kind", async ({ kind, told }) => {
    const { tunnelId } = took(await tunnels.ensureTunnel(newName(), newSecret()));
    await strike(kind, "PUT", "/configurations$");
    expect((await tunnels.configure(tunnelId, INGRESS)).type).toBe(told);
    expect(await tunnels.configure(tunnelId, INGRESS)).toMatchObject({ type: "ok" });
    const { body } = await cloudflare.tunnels("GET", `/${tunnelId}/configurations`);
    expect(body.result.config.ingress).toEqual(INGRESS);
    expect(body.result.version).toBe(1);
  });

  it.each(BROKEN)("is gone after $kind", async ({ kind, told }) => {
    const name = newName();
    const { tunnelId } = took(await tunnels.ensureTunnel(name, newSecret()));
    await strike(kind, "DELETE", "/cfd_tunnel/[^/]+$");
    expect((await tunnels.removeTunnel(tunnelId, name)).type).toBe(told);
    expect(await tunnels.removeTunnel(tunnelId, name)).toMatchObject({ type: "ok" });
    expect(await living(name)).toEqual([]);
  });

  it("is deleted by its name where the id was lost, and once gone is gone", async () => {
    const name = newName();
    await tunnels.ensureTunnel(name, newSecret());
    for (let time = 0; time < 2; time++) {
      expect(await tunnels.removeTunnel(undefined, name)).toMatchObject({ type: "ok" });
    }
    expect(await living(name)).toEqual([]);
    expect(await tunnels.removeTunnel(crypto.randomUUID(), name)).toMatchObject({ type: "ok" });
  });

  it("is deleted although a connector is connected, and comes back as fast as it can", async () => {
    const [name, secretBase64] = [newName(), newSecret()];
    const { tunnelId } = took(await tunnels.ensureTunnel(name, secretBase64));
    const connector = startConnector({
      TUNNEL_TOKEN: tunnelToken({ accountId: ACCOUNT, tunnelId, secretBase64 }),
      TUNNEL_EDGE: cloudflare.vendor.tunnelEdge,
    });
    await connected(cloudflare, tunnelId);
    const body = { success: false, errors: [{ code: 1022, message: "active connections" }], result: null };
    const match = { method: "DELETE", path: "^.*/cfd_tunnel/[^/]+$", count: 2 };
    await cloudflare.fault({ kind: "error_before", status: 400, body, match });
    expect(await tunnels.removeTunnel(tunnelId, name)).toMatchObject({ type: "ok" });
    expect(await living(name)).toEqual([]);
    await end(connector, "SIGKILL");
  });

  it("is not taken for gone because the account is another", async () => {
    const name = newName();
    const { tunnelId } = took(await tunnels.ensureTunnel(name, newSecret()));
    const lost = await client({ accountId: "nonsense" }).removeTunnel(tunnelId, name);
    expect(lost).toMatchObject({ type: "rejected", code: "invalid_spec" });
    expect(await living(name)).toHaveLength(1);
  });

  it("is refused with quota when the account is full, and the usage says so before", async () => {
    const full = await TestCloudflare.start({ limits: { tunnels: 1, records: 1 } });
    const its = createTunnels({ apiUrl: full.vendor.url, token: TOKEN, accountId: ACCOUNT, zoneId: ZONE });
    const { tunnelId } = took(await its.ensureTunnel("one", newSecret()));
    expect(await its.ensureTunnel("two", newSecret())).toMatchObject({ type: "rejected", code: "quota" });
    took(await its.ensureRecord(newHost(), tunnelId));
    expect(await its.ensureRecord(newHost(), tunnelId)).toMatchObject({ type: "rejected", code: "quota" });
    expect(took(await its.usage())).toEqual({
      tunnels: { used: 1, limit: 1_000 },
      records: { used: 1, limit: 200 },
    });
    await full.close();
  });
});

describe("a record", () => {
  const tunnelId = crypto.randomUUID();

  it("is made once, proxied, to the tunnel; and put right when it leads elsewhere", async () => {
    const host = newHost();
    const made = await Promise.all([1, 2, 3].map(() => tunnels.ensureRecord(host, tunnelId)));
    const { recordId } = took(made[0] ?? { type: "none" });
    for (const outcome of made) expect(outcome).toEqual({ type: "ok", value: { recordId } });
    const right = { id: recordId, type: "CNAME", content: `${tunnelId}.cfargotunnel.com`, proxied: true };
    expect(await recordsOf(host)).toEqual([expect.objectContaining(right)]);
    await cloudflare.records("PATCH", `/${recordId}`, { content: "elsewhere.example.com", proxied: false });
    expect(await tunnels.ensureRecord(host, tunnelId)).toEqual({ type: "ok", value: { recordId } });
    expect(await recordsOf(host)).toEqual([expect.objectContaining(right)]);
    expect(await tunnels.listRecords(host.slice(0, 6))).toEqual({
      type: "ok",
      value: [{ id: recordId, host, tunnelId }],
    });
  });

  it.each(BROKEN)("is one record after $kind", async ({ kind, told }) => {
    const host = newHost();
    await strike(kind, "POST", "/dns_records$");
    expect((await tunnels.ensureRecord(host, tunnelId)).type).toBe(told);
    const { recordId } = took(await tunnels.ensureRecord(host, tunnelId));
    expect(await recordsOf(host)).toEqual([expect.objectContaining({ id: recordId })]);
  });

  it.each(BROKEN)("is gone after $kind", async ({ kind, told }) => {
    const host = newHost();
    const { recordId } = took(await tunnels.ensureRecord(host, tunnelId));
    await strike(kind, "DELETE", "/dns_records/[^/]+$");
    expect((await tunnels.removeRecord(recordId, host)).type).toBe(told);
    expect(await tunnels.removeRecord(recordId, host)).toMatchObject({ type: "ok" });
    expect(await tunnels.removeRecord(undefined, host)).toMatchObject({ type: "ok" });
    expect(await recordsOf(host)).toEqual([]);
  });

  it.each([
    { type: "A", content: "192.0.2.1" },
    { type: "CNAME", content: "elsewhere.example.com", comment: "the shop" },
  ])("of somebody else ($type) is neither adopted, nor changed, nor deleted", async (theirs) => {
    const host = newHost();
    await cloudflare.records("POST", "", { name: host, proxied: true, ...theirs });
    expect(await tunnels.ensureRecord(host, tunnelId)).toMatchObject({ code: "name_taken" });
    expect(await tunnels.removeRecord(undefined, host)).toMatchObject({ code: "name_taken" });
    expect(await recordsOf(host)).toEqual([expect.objectContaining(theirs)]);
    expect(await tunnels.listRecords(host)).toEqual({ type: "ok", value: [] });
  });

  it("is not left behind in a zone that does not hold its name", async () => {
    const outcome = await tunnels.ensureRecord("o-x.another.test", tunnelId);
    expect(outcome).toMatchObject({ type: "rejected", code: "invalid_spec" });
    expect(await recordsOf(`o-x.another.test.${ZONE_NAME}`)).toEqual([]);
  });
});

describe("every list", () => {
  it("is read to its last page", async () => {
    const paged: string[] = [];
    const rows = Array.from({ length: 250 }, (_, index) => ({
      id: crypto.randomUUID(),
      name: `gentity-${index}`,
    }));
    const counting: typeof fetch = async (input) => {
      const query = new URL(String(input)).searchParams;
      paged.push(query.get("page") ?? "");
      const [page, size] = [Number(query.get("page")), Number(query.get("per_page"))];
      const result = rows.slice((page - 1) * size, page * size);
      return Response.json({ success: true, errors: [], messages: [], result });
    };
    expect(took(await client({ fetch: counting }).listTunnels("gentity-"))).toHaveLength(250);
    expect(paged).toEqual(["1", "2", "3"]);
  });
});

describe("a refusal", () => {
  it("for want of rights says which, and repeats no secret", async () => {
    const secret = newSecret();
    const stranger = client({ token: "a-token-nobody-knows" });
    const outcome = await stranger.ensureTunnel(newName(), secret);
    expect(outcome).toMatchObject({
      type: "rejected",
      code: "unauthorized",
      hint: expect.stringContaining("DNS: Edit"),
    });
    const body = {
      success: false,
      errors: [{ code: 1, message: `bad ${secret} of ${TOKEN}` }],
      result: null,
    };
    await cloudflare.fault({ kind: "error_before", status: 400, body, match: { method: "POST" } });
    const echoed = JSON.stringify(await tunnels.ensureTunnel(newName(), secret));
    expect(echoed).toContain("[redacted]");
    expect(echoed).not.toContain(secret);
    expect(echoed).not.toContain(TOKEN);
  });

  it("for too many calls says when to come again", async () => {
    await cloudflare.fault({ kind: "rate_limit", match: {} });
    expect(await tunnels.usage()).toMatchObject({ type: "retry", afterMs: 1_000 });
  });
});
