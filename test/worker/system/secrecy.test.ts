import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import worker from "../../../src/index.ts";
import { env, newTenant, type Tenant } from "../harness.ts";
import { earlyInTheMinute, newIsolate, place, ZONE } from "./edge-rig.ts";

let owner: Tenant;
/** One host of each kind that there is nothing at. */
let absent: [kind: string, host: string][];

beforeAll(async () => {
  owner = await newTenant();
  const deleted = await place(owner.accountId, { state: "deleted", deleted_at: 1 });
  const hidden = await place(owner.accountId, { exposure: "private" });
  absent = [
    ["never existed", `ai-neverwas.${ZONE}`],
    ["deleted", `${deleted.subdomain}.${ZONE}`],
    ["private", `${hidden.subdomain}.${ZONE}`],
    ["malformed", `-x_y.${ZONE}`],
    ["too long", `${"a".repeat(63)}.${ZONE}`],
    ["too deep", `a.b.${ZONE}`],
    ["reserved", `admin.${ZONE}`],
    ["a tunnel's origin", `o-${"a".repeat(32)}.${ZONE}`],
    ["somebody else's", "example.com"],
  ];
});

let clients = 0;
/** Each request is another client's, or they would be too many. */
const nextClient = () => `198.51.${Math.floor(++clients / 250)}.${clients % 250}`;

async function ask(host: string, init: RequestInit = {}, bindings: object = {}): Promise<Response> {
  const ctx = createExecutionContext();
  const headers = { "CF-Connecting-IP": nextClient(), ...(init.headers as object) };
  const request = new Request(`https://${host}/any/path?a=1`, { ...init, headers });
  const response = await worker.fetch(request as never, { ...env, ...bindings }, ctx);
  await waitOnExecutionContext(ctx);
  return response as unknown as Response;
}

const bytesOf = async (answer: Response) =>
  JSON.stringify([answer.status, answer.statusText, [...answer.headers], await answer.text()]);

describe("where there is nothing", () => {
  it.each<[string, RequestInit]>([
    ["a browser", { headers: { Accept: "text/html" } }],
    ["a program", {}],
    ["HEAD", { method: "HEAD" }],
    ["POST", { method: "POST", body: "x" }],
    ["a preflight", { method: "OPTIONS", headers: { Origin: "https://a.example" } }],
    ["a WebSocket", { headers: { Upgrade: "websocket" } }],
    ["a token", { headers: { Authorization: "Bearer gn_live_short" } }],
  ])("%s is answered with the same bytes, whatever kind of nothing it is", async (_, init) => {
    const answers: [string, string][] = [];
    for (const [kind, host] of absent) answers.push([kind, await bytesOf(await ask(host, init))]);
    expect(answers[0]?.[1]).toContain("404");
    for (const [kind, bytes] of answers) expect([kind, bytes]).toEqual([kind, answers[0]?.[1]]);
  });

  it("the same work is done: one look-up in one index, in which none of them is, and one count", async () => {
    for (const [kind, host] of absent) {
      const done: string[] = [];
      await ask(host, {}, { DB: observed(env.DB, done), MISS_LIMIT: counted(done) });
      const routed = host.endsWith(`.${ZONE}`) ? host.slice(0, -ZONE.length - 1) : "-";
      const name = ["malformed", "too deep", "reserved", "somebody else's"].includes(kind) ? "-" : routed;
      const search = "SEARCH instances USING INDEX instances_routable (subdomain=?)";
      expect([kind, ...done]).toEqual([kind, "first-unconstrained", search, `${name}: 0 rows`, "count"]);
    }
  });
});

/** Tells which rows were read for what. */
function observed(db: D1Database, done: string[]): D1Database {
  return {
    withSession: (constraint: string) => {
      done.push(constraint);
      const session = db.withSession(constraint);
      return {
        prepare: (query: string) => ({
          bind: (name: string) => ({
            first: async () => {
              const { results, meta } = await session.prepare(query).bind(name).all();
              const plan = await db
                .prepare(`EXPLAIN QUERY PLAN ${query}`)
                .bind(name)
                .all<{ detail: string }>();
              done.push(plan.results.map(({ detail }) => detail).join(), `${name}: ${meta.rows_read} rows`);
              return results[0] ?? null;
            },
          }),
        }),
      };
    },
  } as unknown as D1Database;
}

function counted(done: string[]): RateLimit {
  return {
    limit: async () => {
      done.push("count");
      return { success: true };
    },
  };
}

describe("a client that asks for one wrong name after another (lesson 17)", () => {
  const visitAs = (client: string) => ({ headers: { "CF-Connecting-IP": client } });

  it("is answered 429 for a while, also by what exists and what it knows", async () => {
    const isolate = await newIsolate();
    const { subdomain } = await place(owner.accountId);
    const asked = visitAs("203.0.113.50");
    expect((await isolate.visit(subdomain, "/", asked)).status).toBe(200);
    await earlyInTheMinute();
    const statuses: number[] = [];
    for (let tries = 0; tries < 33; tries++) {
      statuses.push((await isolate.visit(`ai-guess${tries}`, "/", asked)).status);
    }
    expect(statuses.slice(0, 31)).toEqual(new Array(31).fill(404));
    expect(statuses.slice(31)).toEqual([429, 429]);
    const known = await isolate.visit(subdomain, "/", asked);
    expect([known.status, known.headers.get("Retry-After")]).toEqual([429, "60"]);
    expect((await isolate.visit(subdomain, "/", visitAs("203.0.113.51"))).status).toBe(200);
  });

  it("is one client with all the addresses of its IPv6 network", async () => {
    const isolate = await newIsolate();
    const from = (host: number) => visitAs(`2001:db8:77:1${host.toString(16).padStart(2, "0")}:${host}::9`);
    await earlyInTheMinute();
    for (let tries = 1; tries <= 31; tries++) await isolate.visit(`ai-six${tries}`, "/", from(tries));
    expect((await isolate.visit("ai-six", "/", from(0xff))).status).toBe(429);
    expect((await isolate.visit("ai-six", "/", visitAs("2001:db8:77:200::9"))).status).toBe(404);
  });
});
