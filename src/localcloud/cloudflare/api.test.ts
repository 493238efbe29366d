/** What the API refuses and remembers; that our client can live with it is shown beside the client. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { matchRule, parseService } from "./connector/ingress.ts";
import { inboundOrigin, outboundLocation, parseAddress } from "./edge/address.ts";
import { rateLimit } from "./routes/rate-limit.ts";
import { ACCOUNT, newSecret, TestCloudflare, ZONE_NAME } from "./testing/vendor.ts";

let cloudflare: TestCloudflare;
beforeAll(async () => {
  cloudflare = await TestCloudflare.start();
});
afterAll(() => cloudflare.close());

const codeOf = ({ status, body }: { status: number; body: { errors: { code: number }[] } }) => [
  status,
  body.errors[0]?.code,
];
const tunnel = (name: string, more: object = {}) =>
  cloudflare.tunnels("POST", "", { name, config_src: "cloudflare", tunnel_secret: newSecret(), ...more });

describe("the API", () => {
  it("asks for the token, and answers what it does not know in its envelope", async ({ expect }) => {
    const stranger = await cloudflare.call("GET", `/accounts/${ACCOUNT}/cfd_tunnel`, undefined, "x");
    expect(codeOf(stranger)).toEqual([401, 10000]);
    expect(stranger.body).toMatchObject({ success: false, result: null, messages: [] });
    expect(codeOf(await cloudflare.call("GET", "/nowhere"))).toEqual([404, 7003]);
    expect(codeOf(await cloudflare.call("GET", "/accounts/short/cfd_tunnel"))).toEqual([404, 7003]);
    expect((await cloudflare.call("GET", "/user/tokens/verify")).body.result.status).toBe("active");
    expect((await cloudflare.tunnels("GET")).headers.get("cf-ray")).toMatch(/-LOC$/);
  });

  it("checks a tunnel's name, secret and rules", async ({ expect }) => {
    expect(codeOf(await tunnel(crypto.randomUUID()))).toEqual([400, 1003]);
    expect(codeOf(await tunnel("short", { tunnel_secret: btoa("short") }))).toEqual([400, 1003]);
    const { body } = await tunnel("one");
    expect(codeOf(await tunnel("one"))).toEqual([409, 1013]);
    const path = `/${body.result.id}/configurations`;
    const withHost = { config: { ingress: [{ hostname: "a.example.com", service: "http://localhost:1" }] } };
    expect(codeOf(await cloudflare.tunnels("PUT", path, withHost))).toEqual([400, 1056]);
    // As the vendor's own SDK says it.
    const empty = { config: { ingress: [{ hostname: "", service: "http_status:404" }] } };
    expect((await cloudflare.tunnels("PUT", path, empty)).body.result.version).toBe(1);
  });

  it("lists deleted tunnels until told not to, and gives their names away again", async ({ expect }) => {
    const { body } = await tunnel("gone");
    await cloudflare.tunnels("DELETE", `/${body.result.id}`);
    const ids = async (query: string) =>
      (await cloudflare.tunnels("GET", `?name=gone${query}`)).body.result.map(({ id }: { id: string }) => id);
    expect(await ids("")).toEqual([body.result.id]);
    expect(await ids("&is_deleted=false")).toEqual([]);
    expect((await cloudflare.tunnels("GET", `/${body.result.id}`)).body.result.deleted_at).toBeTruthy();
    expect(codeOf(await cloudflare.tunnels("DELETE", `/${body.result.id}`))).toEqual([404, 1003]);
    expect((await tunnel("gone")).status).toBe(200);
  });

  it("keeps one record of a kind and a content, and none beside a CNAME", async ({ expect }) => {
    const record = { type: "CNAME", name: "a.example.com", content: "x.example.com", proxied: true };
    const { body } = await cloudflare.records("POST", "", record);
    expect(codeOf(await cloudflare.records("POST", "", record))).toEqual([400, 81058]);
    const address = { type: "A", name: "a.example.com", content: "192.0.2.1" };
    expect(codeOf(await cloudflare.records("POST", "", address))).toEqual([400, 81053]);
    const path = `/${body.result.id}`;
    expect(codeOf(await cloudflare.records("PATCH", path, { type: "A", content: "192.0.2.1" }))[0]).toBe(400);
    const patched = await cloudflare.records("PATCH", path, {
      comment: "mine",
      id: "other",
      zoneId: "other",
    });
    expect(patched.body.result).toMatchObject({
      id: body.result.id,
      comment: "mine",
      content: "x.example.com",
    });
    const count = async (query: string) =>
      (await cloudflare.records("GET", query)).body.result_info.total_count;
    expect(await count("?comment.exact=mine&name.startswith=a.")).toBe(1);
    expect(await count("?content.contains=nothing")).toBe(0);
    expect((await cloudflare.records("DELETE", path)).body.result).toEqual({ id: body.result.id });
    expect(codeOf(await cloudflare.records("DELETE", path))).toEqual([404, 81044]);
  });

  it("takes a name outside its zone for one within it", async ({ expect }) => {
    const record = { type: "TXT", name: "else.where", content: "x" };
    expect((await cloudflare.records("POST", "", record)).body.result.name).toBe(`else.where.${ZONE_NAME}`);
  });

  it("remembers everything, and lets nobody else read it", async ({ expect }) => {
    const { body } = await tunnel("kept");
    const token = (await cloudflare.tunnels("GET", `/${body.result.id}/token`)).body.result;
    expect(body.result.token).toBe(token);
    await cloudflare.restart();
    expect((await cloudflare.tunnels("GET", `/${body.result.id}/token`)).body.result).toBe(token);
    const { mode } = statSync(join(cloudflare.stateDir, "cloudflare.json"));
    expect(mode & 0o077).toBe(0);
  });

  it("shows what was asked of it, and never a body", async ({ expect }) => {
    await cloudflare.call("DELETE", "/_control/calls");
    await tunnel("called");
    const { body } = await cloudflare.call("GET", "/_control/calls");
    expect(body.calls).toEqual([
      expect.objectContaining({
        method: "POST",
        path: `/client/v4/accounts/${ACCOUNT}/cfd_tunnel`,
        status: 200,
      }),
    ]);
  });
});

describe("who asks too often", () => {
  it("is refused everything for five minutes", async ({ expect }) => {
    let now = 0;
    const limit = rateLimit(() => now);
    let retryAfter = "";
    const context = { header: (_: string, value: string) => (retryAfter = value) } as never;
    const ask = () =>
      limit(context, async () => {}).then(
        () => "served",
        () => "refused",
      );
    for (let call = 0; call < 1_200; call++) expect(await ask()).toBe("served");
    expect([await ask(), retryAfter]).toEqual(["refused", "300"]);
    now = 299_000;
    expect([await ask(), retryAfter]).toEqual(["refused", "1"]);
    now = 300_001;
    expect(await ask()).toBe("served");
  });
});

describe("the address of a tunnel", () => {
  it.for([
    ["/o-a.example.com", { host: "o-a.example.com", path: "/" }],
    ["/o-a.example.com?x=1", { host: "o-a.example.com", path: "/?x=1" }],
    ["/O-A.example.com/b/../c?x=/y#z", { host: "o-a.example.com", path: "/b/../c?x=/y#z" }],
    ["/", undefined],
    ["/%2e%2e/x", undefined],
  ] as const)("%s", ([url, address], { expect }) => {
    expect(parseAddress(url)).toEqual(address);
  });

  it("shows as the vendor's in what the service sees, and as this listener's in what the caller does", ({
    expect,
  }) => {
    const [listener, host] = ["127.0.0.1:80", "o-a.example.com"];
    expect(inboundOrigin(`http://${listener}/${host}`, listener, host)).toBe(`https://${host}`);
    expect(inboundOrigin("https://evil.example", listener, host)).toBe("https://evil.example");
    expect(outboundLocation(`https://${host}/a?b`, listener, host)).toBe(`http://${listener}/${host}/a?b`);
    expect(outboundLocation(`https://${host}.evil.example/`, listener, host)).toBe(
      `https://${host}.evil.example/`,
    );
    expect(outboundLocation("/a", listener, host)).toBe("/a");
  });
});

describe("a rule", () => {
  it("is the first that fits host and path", ({ expect }) => {
    const rules = [
      { hostname: "a.example.com", path: "^/api", service: "http://localhost:1" },
      { hostname: "*.example.com", service: "http://localhost:2" },
      { service: "http_status:404" },
    ];
    const of = (host: string, path: string) => matchRule(rules, host, path)?.service;
    expect(of("a.example.com", "/api/x")).toBe("http://localhost:1");
    expect(of("a.example.com", "/")).toBe("http://localhost:2");
    expect(of("example.com", "/")).toBe("http_status:404");
  });

  it("leads to a service, a status, or nothing that is supported", ({ expect }) => {
    expect(parseService("http://localhost:3000")).toEqual({
      type: "http",
      secure: false,
      host: "localhost",
      port: 3000,
    });
    expect(parseService("https://[::1]")).toEqual({ type: "http", secure: true, host: "::1", port: 443 });
    expect(parseService("http_status:503")).toEqual({ type: "status", status: 503 });
    expect(parseService("ssh://localhost:22")).toEqual({
      type: "unsupported",
      service: "ssh://localhost:22",
    });
  });
});
