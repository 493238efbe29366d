import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import type { Place } from "../place.ts";

const FORGED = {
  "x-gentity-user": "acc_other",
  "x-gentity-assertion": "forged",
  "x-gentity-proof-00": "1",
  "x-forwarded-for": "10.0.0.1",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "https",
  "x-forwarded-user": "root",
  "x-real-ip": "10.0.0.1",
  "true-client-ip": "10.0.0.1",
  "cf-access-authenticated-user-email": "root@example.com",
  "fly-client-ip": "10.0.0.1",
  "fly-prefer-region": "syd",
  forwarded: "for=10.0.0.1",
};

const seen = async (place: Place, headers: Record<string, string> = {}) =>
  (await place.json("/echo", { headers })).headers as Record<string, string>;

export function identity(at: () => Place): void {
  describe("identity", () => {
    it("is the edge's to say: whatever a visitor claims is gone", async () => {
      const headers = await seen(at(), { ...FORGED, "x-own": "kept" });
      expect(headers["x-own"]).toBe("kept");
      for (const [name, value] of Object.entries(FORGED)) expect(headers[name]).not.toBe(value);
      const { id } = (await at().stack.api("GET", "/api/account")).body.account;
      expect(headers).toMatchObject({
        "x-forwarded-host": at().host,
        "x-forwarded-proto": "http",
        "x-gentity-user": id,
      });
    });

    it("is signed: for this owner, at this address, for minutes, by a published key", async () => {
      const { "x-gentity-assertion": assertion = "", "x-gentity-user": user } = await seen(at());
      const published = await at().stack.api("GET", "/.well-known/jwks.json");
      const { payload } = await jwtVerify(assertion, createLocalJWKSet(published.body), {
        algorithms: ["EdDSA"],
        typ: "gentity-assertion+jwt",
        issuer: `http://gentity.localhost:${at().stack.port}`,
        audience: at().publicOrigin,
      });
      expect(payload).toMatchObject({ sub: user, instance: at().id });
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
      expect(decodeProtectedHeader(assertion).kid).toBe("edge");
    });

    it("is signed once for many requests", async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => seen(at())));
      expect(new Set(all.map((headers) => headers["x-gentity-assertion"])).size).toBe(1);
    });

    it("has a proof of the way, by a name of the instance's own", async () => {
      const proofs = Object.keys(await seen(at(), FORGED)).filter((name) =>
        name.startsWith("x-gentity-proof-"),
      );
      expect(proofs).toEqual([expect.stringMatching(/^x-gentity-proof-[0-9a-f]{32}$/)]);
    });

    it("a page's own Origin fits the Host that the agent sees, and a foreign one does not", async () => {
      const own = await seen(at(), { origin: at().publicOrigin });
      expect(new URL(own.origin ?? "").host).toBe(own.host);
      expect((await seen(at(), { origin: "https://evil.example" })).origin).toBe("https://evil.example");
    });
  });
}

/**
 * As any service on the internet: by its address, from a program on the other's machine. The machine's way out is named,
 * because most clients take every name below localhost for their own computer and look for no way.
 */
export function neighbours(from: () => Place, to: () => Place): void {
  it("one instance calls another by its address", async () => {
    const url = `${to().publicOrigin}/echo?from=a-neighbour`;
    const script = `
      const { hostname, port } = new URL(process.env.http_proxy);
      const headers = { host: new URL("${url}").host, "x-gentity-user": "forged" };
      require("node:http").get({ hostname, port, path: "${url}", headers }, (answer) => answer.pipe(process.stdout));`;
    const encoded = Buffer.from(script).toString("base64");
    const said = await from().stack.exec(from().id, `node -e "eval(atob('${encoded}'))"`);
    const seen = JSON.parse(said);
    expect(seen.url).toBe("/echo?from=a-neighbour");
    expect(seen.headers).toMatchObject({ "x-forwarded-host": to().host });
    expect(seen.headers["x-gentity-user"]).not.toBe("forged");
  });
}
