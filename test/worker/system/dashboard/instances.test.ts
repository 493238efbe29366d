import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newInstanceId } from "../../../../src/ids.ts";
import { AIDER, env, newTenant, operate, type Tenant } from "../../harness.ts";
import { aPeriod, HOUR, place, project } from "../../usage/ledger.ts";
import { newVisitor, type Visitor } from "../../visitor.ts";

const page = async (visitor: Visitor, path = "/dashboard") => (await visitor.get(path)).text();

async function create(tenant: Tenant, over: object = {}, query = "?wait=60"): Promise<string> {
  const { body } = await tenant.call("POST", `/api/instances${query}`, { ...AIDER, ...over });
  return body.id;
}

/** The names in the list, in their order. */
const names = (text: string) =>
  [...text.matchAll(/class="name"><a href="[^"]+">([^<]+)<\/a>/g)].map(([, name]) => name);

describe("the list of instances", () => {
  let tenant: Tenant;
  let visitor: Visitor;
  let id: string;
  beforeAll(async () => {
    tenant = await newTenant();
    visitor = await newVisitor(tenant.accountId);
    expect(await page(visitor)).toContain("No instances yet");
    id = await create(tenant, {
      name: "first of all",
      apiKey: "sk-nobody-sees-this",
      labels: { team: "blue" },
    });
  });
  afterAll(async () => {
    await tenant.call("DELETE", `/api/instances/${id}`);
  });

  it("says what runs, why, since when and what it costs", async () => {
    const text = await page(visitor);
    expect(names(text)).toEqual(["first of all"]);
    expect(text).toContain("state-running");
    expect(text).toContain("Runs until it is stopped");
    expect(text).toContain("gpt-4o");
    expect(text).toContain("iad");
    expect(text).toContain("team=blue");
    expect(text).toMatch(/<span data-seconds="\d+">/);
    expect(text.match(/\$0\.\d{4} <small>est\.<\/small>/g)).toHaveLength(2);
    expect(text).toContain(`<dd data-count="running">1</dd>`);
  });

  it("tells why it is awake and until when, as its object knows it", async () => {
    await tenant.call("POST", `/api/instances/${id}/hold`, { seconds: 900, reason: "a long import" });
    expect(await page(visitor)).toMatch(/In use until <time datetime="[^"]+">[^<]+<\/time>: a long import/);
    await tenant.call("POST", `/api/instances/${id}/hold`, { seconds: 0, reason: "" });
  });

  it("shows another account nothing of it, and nobody its URL or model key", async () => {
    const stranger = await newVisitor((await newTenant()).accountId);
    const { body } = await tenant.call("GET", `/api/instances/${id}`);
    expect(await page(stranger)).not.toContain("first of all");
    expect((await stranger.get(`/dashboard/instances/${id}/open`)).status).toBe(404);
    const text = await page(visitor);
    expect(text).not.toContain(body.instance.subdomain);
    expect(text).not.toContain("sk-nobody");
  });

  it("opens it for whoever follows the link", async () => {
    const { body } = await tenant.call("GET", `/api/instances/${id}`);
    const answer = await visitor.get(`/dashboard/instances/${id}/open`);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, body.instance.url]);
    expect(answer.headers.get("cache-control")).toBe("private, no-store");
  });

  it("stops and starts by a form, without JavaScript, and says why it cannot", async () => {
    const back = { Referer: "http://localhost/dashboard?label=team" };
    const stopped = await visitor.post("/dashboard/act", { id, action: "stop" }, back);
    expect([stopped.status, stopped.headers.get("location")]).toEqual([303, "/dashboard?label=team"]);
    await expect.poll(() => page(visitor), { timeout: 20_000 }).toContain("state-stopped");
    const refused = await visitor.post("/dashboard/act", { id, action: "resume" });
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain("The instance is stopped; it cannot resume now.");
    expect((await visitor.post("/dashboard/act", { id, action: "start" })).status).toBe(303);
    await expect.poll(() => page(visitor), { timeout: 20_000 }).toContain("state-running");
  });

  it("lets nobody else act on it", async () => {
    const stranger = await newVisitor((await newTenant()).accountId);
    const refused = await stranger.post("/dashboard/act", { id, action: "stop" });
    expect(refused.status).toBe(404);
    expect(await refused.text()).not.toContain("first of all");
  });
});

describe("a thousand instances", () => {
  let tenant: Tenant;
  let visitor: Visitor;
  const ids = Array.from({ length: 1_000 }, newInstanceId).sort();
  beforeAll(async () => {
    tenant = await newTenant();
    visitor = await newVisitor(tenant.accountId);
    await placeMany(tenant.accountId, ids);
  });

  it("are fifty to a page, newest first, and the totals are of all", async () => {
    const text = await page(visitor);
    expect(names(text)).toEqual(Array.from({ length: 50 }, (_, at) => `machine ${999 - at}`));
    expect(text).toContain(`<dd data-count="stopped">900</dd>`);
    expect(text).toContain(`<dd data-count="error">100</dd>`);
    const [, next = ""] = /href="([^"]+)" rel="next"/.exec(text) ?? [];
    const second = await page(visitor, next.replaceAll("&amp;", "&"));
    expect(names(second).at(0)).toBe("machine 949");
    expect(second).toContain("Newest");
  });

  it.each([
    ["state=error", ["machine 990", "machine 980"]],
    ["q=MACHINE+77", ["machine 779", "machine 778"]],
    [`q=${ids[5]}`, ["machine 5"]],
    ["label=team%3Dred", ["machine 999", "machine 996"]],
    ["label=team", ["machine 999", "machine 996"]],
    ["agent=hermes", []],
    ["agent=aider&state=error&label=team%3Dred", ["machine 990", "machine 960"]],
  ])("are found by %s", async (query, expected) => {
    const text = await page(visitor, `/dashboard?${query}`);
    expect(names(text).slice(0, 2)).toEqual(expected);
  });

  it("stay under 50 KB compressed, with everything that the page loads", async () => {
    const text = await page(visitor);
    const paths = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
    const files = await Promise.all(paths.map((path) => page(visitor, path)));
    const sizes = await Promise.all([text, ...files].map(gzipped));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(50_000);
  });
});

describe("what today costs", () => {
  it("is of today alone, up to this moment, of what is there and of what was deleted today", async () => {
    const tenant = await newTenant();
    const { accountId } = tenant;
    const visitor = await newVisitor(accountId);
    const [kept, gone] = [newInstanceId(), newInstanceId()];
    const now = Date.now();
    await place(kept, { accountId });
    await place(gone, { accountId });
    await project(
      // Since long ago: of it only today counts.
      aPeriod({ instanceId: kept, accountId, startedAt: now - 1_000 * HOUR, endedAt: null }),
      aPeriod({ instanceId: gone, accountId, startedAt: now - 1_000 * HOUR, endedAt: now }),
    );
    await env.DB.prepare("UPDATE instances SET deleted_at = ?, state = 'deleted' WHERE id = ?")
      .bind(now, gone)
      .run();
    const costs = [...(await page(visitor)).matchAll(/\$(\d+\.\d+) <small>est/g)].map(([, text]) =>
      Number(text),
    );
    const [total = 0, row = 0] = costs;
    expect(row).toBeGreaterThan(0);
    expect(total / row).toBeCloseTo(2, 1);
    // A day is at most this long.
    expect(row).toBeLessThanOrEqual(24 * 0.2);
  });
});

async function gzipped(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

/** As the records have instances at rest: nobody asks their objects. */
async function placeMany(accountId: string, all: readonly string[]): Promise<void> {
  await operate("PATCH", `/api/admin/accounts/${accountId}`, { quota: { instances: 5_000 } });
  const insert = env.DB.prepare(
    `INSERT INTO instances (id, account_id, subdomain, name, agent_type, release, image, model_provider, model_name,
       provider, region, spec, exposure, access, labels, state, state_since, generation, version, created_at, updated_at)
     VALUES (?, ?, ?, ?, 'aider', 'v1', 'i', 'openai', 'gpt-4o', 'fly', 'iad',
       '{"cpuKind":"shared","cpus":1,"memoryMb":256,"volumeGb":1}', 'public', 'link', ?, ?, 0, 1, 1, 0, 0)`,
  );
  const rows = all.map((id, at) =>
    insert.bind(
      id,
      accountId,
      `ai-${id.slice(-14)}`,
      `machine ${at}`,
      JSON.stringify(at % 3 === 0 ? { team: "red", [`only-${at}`]: "" } : {}),
      at % 10 === 0 ? "error" : "stopped",
    ),
  );
  for (let at = 0; at < rows.length; at += 100) {
    await env.DB.batch(rows.slice(at, at + 100));
  }
}
