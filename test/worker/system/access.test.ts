import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { LINK_PARAMETER, signLink } from "../../../src/edge/link.ts";
import { readConfig } from "../../../src/env.ts";
import { newTokenPlaintext } from "../../../src/ids.ts";
import { AIDER, env, newTenant, type Tenant } from "../harness.ts";
import { connect, earlyInTheMinute, type Isolate, newIsolate, type Placed, place, ZONE } from "./edge-rig.ts";

const HTML = { Accept: "text/html" };

let owner: Tenant;
let stranger: Tenant;
let edge: Isolate;
let open: Placed;
let tokened: Placed;
let signed: Placed;

beforeAll(async () => {
  owner = await newTenant();
  stranger = await newTenant();
  edge = await newIsolate();
  open = await place(owner.accountId);
  tokened = await place(owner.accountId, { access: "token" });
  signed = await place(owner.accountId, { access: "signed" });
});
afterEach(() => {
  vi.useRealTimers();
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function proofFor(target: Placed, seconds = 60): Promise<string> {
  const times = { now: Date.now(), expiresAt: Date.now() + seconds * 1000 };
  const url = await signLink(readConfig(env), { instanceId: target.id, subdomain: target.subdomain }, times);
  return new URL(url ?? "").searchParams.get(LINK_PARAMETER) ?? "";
}

describe("access: token", () => {
  it("lets the owner's token through, and the agent sees nothing of it", async () => {
    const { headers, url } = await edge.reach(tokened.subdomain, "/a?b=1", { headers: bearer(owner.token) });
    expect(headers.authorization).toBeUndefined();
    expect(JSON.stringify(headers)).not.toContain("gn_live_");
    expect([url, headers["x-gentity-user"]]).toEqual(["/a?b=1", owner.accountId]);
  });

  it("refuses everybody else with the same words", async () => {
    const answers = await Promise.all(
      [
        {},
        bearer(stranger.token),
        bearer(newTokenPlaintext()),
        bearer("gn_live_short"),
        { Authorization: "Basic abc" },
        { Cookie: `__Host-gentity-link=${await proofFor(tokened)}` },
      ].map((headers) => edge.visit(tokened.subdomain, "/", { headers: headers as Record<string, string> })),
    );
    const told = await Promise.all(
      answers.map(async (one) => JSON.stringify([one.status, [...one.headers], await one.text()])),
    );
    expect(new Set(told).size).toBe(1);
    expect(answers[0]?.status).toBe(401);
    expect(answers[0]?.headers.get("WWW-Authenticate")).toContain("Bearer");
    expect(told[0]).not.toContain(tokened.id);
    expect(
      (await edge.visit(tokened.subdomain, `/?${LINK_PARAMETER}=${await proofFor(tokened)}`)).status,
    ).toBe(401);
  });

  it("tells a browser in a page, and nothing of the state that the instance is in", async () => {
    const words = async (over: object) => {
      const { subdomain } = await place(owner.accountId, { access: "token", ...over });
      return (await edge.visit(subdomain, "/", { headers: HTML })).text();
    };
    const failed = await words({ state: "error", problem: '{"code":"x","message":"a private matter"}' });
    expect(failed).toContain("<h1>Not open to everybody</h1>");
    expect(failed).toBe(await words({ state: "stopped" }));
    expect(failed).toBe(await words({ state: "running" }));
  });

  it("takes a token from a browser's WebSocket as a subprotocol, which the agent does not see", async () => {
    const protocol = `gentity.bearer.${owner.token}`;
    const offer = (offered: string) => ({ "Sec-WebSocket-Protocol": offered });
    const chat = await connect(edge, tokened.subdomain, "/ws", offer(`chat, ${protocol}`));
    expect(chat.first.headers["sec-websocket-protocol"]).toBe("chat");
    expect(JSON.stringify(chat.first)).not.toContain("gn_live_");
    expect(chat.response.headers.get("Sec-WebSocket-Protocol")).toBe("chat");
    // A browser ends a connection whose answer names none of what it offered.
    const alone = await connect(edge, tokened.subdomain, "/ws", offer(protocol));
    expect(alone.first.headers["sec-websocket-protocol"]).toBeUndefined();
    expect(alone.response.headers.get("Sec-WebSocket-Protocol")).toBe(protocol);
    const echo = new Promise((resolve) =>
      alone.socket.addEventListener("message", ({ data }) => resolve(data)),
    );
    alone.socket.send("hi");
    expect(await echo).toBe("echo hi");
    const refused = await edge.visit(tokened.subdomain, "/ws", {
      headers: { Upgrade: "websocket", ...offer(`gentity.bearer.${stranger.token}`) },
    });
    expect(refused.status).toBe(401);
    chat.socket.close();
    alone.socket.close();
  });

  it("forgets a revoked token within ten seconds, in every isolate that had it in memory", async () => {
    const tenant = await newTenant();
    const { subdomain } = await place(tenant.accountId, { access: "token" });
    const isolates = [await newIsolate(), await newIsolate(), await newIsolate()];
    const statuses = () =>
      Promise.all(
        isolates.map(
          async ({ visit }) => (await visit(subdomain, "/", { headers: bearer(tenant.token) })).status,
        ),
      );
    expect(await statuses()).toEqual([200, 200, 200]);
    expect((await tenant.call("DELETE", `/api/tokens/${tenant.tokenId}`)).status).toBe(200);
    vi.useFakeTimers({ now: Date.now() + 10_000, toFake: ["Date"] });
    expect(await statuses()).toEqual([401, 401, 401]);
  });

  it("refuses the token of an account that the operator has closed", async () => {
    const tenant = await newTenant();
    const { subdomain } = await place(tenant.accountId, { access: "token" });
    await env.DB.prepare("UPDATE accounts SET suspended_at = 1 WHERE id = ?").bind(tenant.accountId).run();
    expect((await edge.visit(subdomain, "/", { headers: bearer(tenant.token) })).status).toBe(401);
  });

  it("looks up no more unknown tokens of a client that shows one after another", async () => {
    const asked: string[] = [];
    const DB = new Proxy(env.DB, {
      get: (target, name) =>
        name === "withSession"
          ? (constraint: string) => {
              asked.push(constraint);
              return target.withSession(constraint);
            }
          : Reflect.get(target, name),
    });
    const isolate = await newIsolate({ DB });
    const headers = () => ({ ...bearer(newTokenPlaintext()), "CF-Connecting-IP": "203.0.113.77" });
    await earlyInTheMinute();
    for (let tries = 0; tries < 40; tries++) {
      expect((await isolate.visit(tokened.subdomain, "/", { headers: headers() })).status).toBe(401);
    }
    // The limit of the binding, and the one that found it reached.
    expect(asked.filter((constraint) => constraint === "first-primary").length).toBe(31);
    // Who guesses nothing is not held up.
    expect((await isolate.visit(open.subdomain, "/", { headers: headers() })).status).toBe(200);
  });
});

describe("access: signed", () => {
  it("lets a program through by the link, and the agent sees nothing of it", async () => {
    const proof = await proofFor(signed);
    const seen = await edge.reach(signed.subdomain, `/a?x=1&${LINK_PARAMETER}=${proof}&y=2`);
    expect(seen.url).toBe("/a?x=1&y=2");
    expect(JSON.stringify(seen.headers)).not.toContain(proof);
    const post = await edge.reach(signed.subdomain, `/a?${LINK_PARAMETER}=${proof}`, {
      method: "POST",
      body: "x",
    });
    expect([post.method, post.url]).toEqual(["POST", "/a"]);
  });

  it("takes a browser to the same URL without the proof, which it keeps in a cookie of this host alone", async () => {
    const proof = await proofFor(signed);
    const path = `//evil.example/?a=1&${LINK_PARAMETER}=${proof}`;
    const answer = await edge.visit(signed.subdomain, path, { headers: HTML });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("Location")).toBe(`https://${signed.subdomain}.${ZONE}//evil.example/?a=1`);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const cookie = answer.headers.get("Set-Cookie") ?? "";
    expect(cookie).toMatch(
      /^__Host-gentity-link=[\w.-]+; Path=\/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=(59|60)$/,
    );
    const sent = { ...HTML, Cookie: `own=1; ${cookie.split(";")[0]}` };
    const seen = await edge.reach(signed.subdomain, "/?a=1", { headers: sent });
    expect(seen.headers.cookie).toBe("own=1");
  });

  it("lets WebSockets through by link and by cookie", async () => {
    const proof = await proofFor(signed);
    const byLink = await connect(edge, signed.subdomain, `/ws?${LINK_PARAMETER}=${proof}&a=1`, HTML);
    expect(byLink.first.url).toBe("/ws?a=1");
    const byCookie = await connect(edge, signed.subdomain, "/ws", { Cookie: `__Host-gentity-link=${proof}` });
    expect(byCookie.first.headers.cookie).toBeUndefined();
    byLink.socket.close();
    byCookie.socket.close();
  });

  it("also takes the owner's token", async () => {
    expect((await edge.reach(signed.subdomain, "/", { headers: bearer(owner.token) })).url).toBe("/");
  });

  it("refuses a link that has ended, also one that was good a moment ago", async () => {
    const proof = await proofFor(signed, 60);
    const visit = () => edge.visit(signed.subdomain, `/?${LINK_PARAMETER}=${proof}`);
    expect((await visit()).status).toBe(200);
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ["Date"] });
    expect((await visit()).status).toBe(401);
    const cookie = { Cookie: `__Host-gentity-link=${proof}` };
    expect((await edge.visit(signed.subdomain, "/", { headers: cookie })).status).toBe(401);
  });

  it("refuses links of another instance, of another name, and forged ones", async () => {
    const other = await place(owner.accountId, { access: "signed" });
    const proof = await proofFor(signed);
    const renamed = await proofFor({ id: signed.id, subdomain: "ai-elsewhere" });
    for (const wrong of [await proofFor(other), renamed, `${proof.slice(0, -4)}AAAA`, "x", ""]) {
      const answer = await edge.visit(signed.subdomain, `/?${LINK_PARAMETER}=${wrong}`);
      expect(answer.status).toBe(401);
    }
  });
});

describe("access: link", () => {
  it("asks for nothing, and our credentials still do not reach the agent", async () => {
    const proof = await proofFor(open);
    const seen = await edge.reach(open.subdomain, `/?${LINK_PARAMETER}=${proof}`, {
      headers: { ...bearer(owner.token), Cookie: `__Host-gentity-session=s; own=1`, ...HTML },
    });
    expect(seen.url).toBe("/");
    expect([seen.headers.authorization, seen.headers.cookie]).toEqual([undefined, "own=1"]);
  });

  it("passes the agent's own credentials on", async () => {
    const headers = { Authorization: "Bearer agents-own", Cookie: "a=1; b=2" };
    const seen = await edge.reach(open.subdomain, "/", { headers });
    expect([seen.headers.authorization, seen.headers.cookie]).toEqual(["Bearer agents-own", "a=1; b=2"]);
  });

  it("lets an agent set cookies of its own and none of ours", async () => {
    const say = JSON.stringify([
      ["Set-Cookie", "own=1; Path=/"],
      ["Set-Cookie", "__Host-gentity-session=stolen; Path=/; Secure"],
      ["Set-Cookie", `tossed=1; Domain=${ZONE}`],
      ["Set-Cookie", `deep=1; Domain=${open.subdomain}.${ZONE}`],
      ["X-Other", "kept"],
    ]);
    for (const status of ["200", "302", "404"]) {
      const { headers } = await edge.visit(open.subdomain, "/", {
        headers: { "X-Say": say, "X-Status": status },
      });
      expect(headers.getSetCookie()).toEqual(["own=1; Path=/", `deep=1; Domain=${open.subdomain}.${ZONE}`]);
      expect(headers.get("X-Other")).toBe("kept");
    }
  });
});

describe("whoever is refused", () => {
  it.each(["suspended", "starting", "stopped"])(
    "leaves a %s instance alone: no object is asked",
    async (state) => {
      const asked: unknown[] = [];
      const INSTANCES = new Proxy(env.INSTANCES, {
        get: (target, name) => {
          asked.push(name);
          return Reflect.get(target, name);
        },
      });
      const isolate = await newIsolate({ INSTANCES });
      for (const access of ["token", "signed"]) {
        const { subdomain } = await place(owner.accountId, { access, state });
        for (const headers of [{}, HTML, bearer(stranger.token), { Upgrade: "websocket" }]) {
          const answer = await isolate.visit(subdomain, "/", { headers: headers as Record<string, string> });
          expect(answer.status).toBe(401);
        }
      }
      expect(asked).toEqual([]);
    },
  );

  it("leaves no credential in the analytics or the log", async () => {
    const rows: unknown[] = [];
    const logged: unknown[] = [];
    const spies = (["log", "warn", "error", "info"] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...parts) => void logged.push(parts)),
    );
    const EDGE_EVENTS = { writeDataPoint: (row: unknown) => void rows.push(row) } as AnalyticsEngineDataset;
    const isolate = await newIsolate({ EDGE_EVENTS });
    const proof = await proofFor(signed);
    await isolate.visit(signed.subdomain, `/?${LINK_PARAMETER}=${proof}`, { headers: HTML });
    await isolate.visit(signed.subdomain, "/", { headers: { Cookie: `__Host-gentity-link=${proof}` } });
    await isolate.visit(tokened.subdomain, "/", { headers: bearer(owner.token) });
    await isolate.visit(tokened.subdomain, `/?${LINK_PARAMETER}=${proof}`, {
      headers: bearer(stranger.token),
    });
    for (const spy of spies) spy.mockRestore();
    expect(rows).toHaveLength(4);
    const told = JSON.stringify([rows, logged]);
    expect(told).toContain("denied");
    for (const secret of [proof, owner.token, stranger.token]) expect(told).not.toContain(secret);
  });
});

describe("what cannot be asked for", () => {
  it("is signed access, or a link, where no key is set to sign with", async () => {
    const { createApi } = await import("../../../src/api/app.ts");
    const keyless = { ...env, EDGE_SIGNING_KEYS: undefined };
    const ctx = { waitUntil: () => {}, passThroughOnException: () => {} } as unknown as ExecutionContext;
    const headers = { ...bearer(owner.token), "Content-Type": "application/json" };
    const answerTo = async (method: string, path: string, body: object) => {
      const init = { method, headers, body: JSON.stringify(body) };
      const answer = await createApi().request(path, init, keyless, ctx);
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    const refused = [503, "not_configured"];
    expect(await answerTo("PATCH", `/api/instances/${open.id}`, { access: "signed" })).toEqual(refused);
    expect(await answerTo("POST", "/api/instances", { ...AIDER, access: "signed" })).toEqual(refused);
    expect(await answerTo("POST", `/api/instances/${signed.id}/links`, {})).toEqual(refused);
  });

  it("is access to a body, which has no address", async () => {
    const { body } = await owner.call("PUT", "/api/workspaces/ws-access/body", {});
    const answer = await owner.call("PATCH", `/api/instances/${body.instance.id}`, { access: "token" });
    expect([answer.status, answer.body.code]).toEqual([409, "invalid_state"]);
    await owner.call("DELETE", `/api/instances/${body.instance.id}`);
  });
});
