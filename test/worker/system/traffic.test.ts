import { createExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import worker from "../../../src/index.ts";
import { DATASET, type TrafficRow, toDataPoint } from "../../../src/traffic/columns.ts";
import { env, newTenant, type Tenant } from "../harness.ts";
import { aPeriod, DAY, HOUR, newId, place, project } from "../usage/ledger.ts";

const now = Math.floor(Date.now() / HOUR) * HOUR;
const iso = (ms: number) => new Date(ms).toISOString();

let owner: Tenant;
let heir: Tenant;
const mine = newId();
const gone = newId();
const handedOn = newId();

const vendor = (path: string, body: unknown) =>
  fetch(new URL(path, env.CLOUDFLARE_API_URL), {
    method: "POST",
    headers: { Authorization: "Bearer local" },
    body: JSON.stringify(body),
  });

async function write(rows: (Partial<TrafficRow> & { at: number; sampleInterval?: number })[]): Promise<void> {
  const points = rows.map(({ at, sampleInterval = 1, ...row }) => ({
    at,
    sampleInterval,
    ...toDataPoint({
      instanceId: mine,
      accountId: owner.accountId,
      outcome: "forwarded",
      state: "running",
      method: "GET",
      protocol: "http",
      colo: "-",
      status: 200,
      firstByteMs: 10,
      bytesIn: 0,
      bytesOut: 100,
      ...row,
    }),
  }));
  expect((await vendor(`/_control/datasets/${DATASET}`, points)).status).toBe(204);
}

beforeAll(async () => {
  owner = await newTenant();
  heir = await newTenant();
  const { accountId } = owner;
  await place(mine, { accountId });
  await place(gone, { accountId });
  await place(handedOn, { accountId: heir.accountId });
  await project(aPeriod({ instanceId: handedOn, accountId, startedAt: now - DAY, endedAt: now - HOUR }));
  await env.DB.prepare("UPDATE instances SET deleted_at = ?, state = 'deleted' WHERE id = ?")
    .bind(now, gone)
    .run();
  await write([
    { at: now, firstByteMs: 10 },
    { at: now, status: 502, outcome: "notice", state: "stopped", firstByteMs: 1, bytesOut: 0 },
    { at: now - 2 * HOUR, sampleInterval: 20, method: "POST", bytesIn: 3 },
    { at: now - 2 * HOUR, protocol: "websocket", status: 101, bytesOut: 0, firstByteMs: 40 },
    { at: now - 30 * HOUR },
    { at: now, instanceId: gone },
    { at: now - 2 * HOUR, instanceId: handedOn },
    { at: now, instanceId: handedOn, accountId: heir.accountId },
    { at: now, instanceId: handedOn, accountId: heir.accountId },
  ]);
});

const read = (tenant: Tenant, id: string, query = "") =>
  tenant.call("GET", `/api/instances/${id}/traffic${query}`);

describe("GET /api/instances/:id/traffic", () => {
  it("tells 24 hours, each of them, newest first, and what stood for several", async () => {
    const { status, body } = await read(owner, mine, `?to=${iso(now + 1)}`);
    expect(status).toBe(200);
    expect(body.traffic).toHaveLength(24);
    const none = { requests: 0, websockets: 0, errors: 0, bytesIn: 0, bytesOut: 0 };
    expect(body.traffic.slice(0, 3)).toEqual([
      {
        ...none,
        hour: iso(now),
        requests: 2,
        errors: 1,
        bytesOut: 100,
        latencyMs: { p50: 10, p95: 10, p99: 10 },
      },
      { ...none, hour: iso(now - HOUR), latencyMs: null },
      {
        ...none,
        hour: iso(now - 2 * HOUR),
        requests: 21,
        websockets: 1,
        bytesIn: 60,
        bytesOut: 2000,
        latencyMs: { p50: 10, p95: 10, p99: 40 },
      },
    ]);
    expect(body.total).toEqual({ requests: 23, websockets: 1, errors: 1, bytesIn: 60, bytesOut: 2100 });
    expect(body).toMatchObject({ sampled: true, from: iso(now - 23 * HOUR), to: iso(now + HOUR) });
  });

  it("takes a time in any offset, widened to whole hours", async () => {
    const from = encodeURIComponent(iso(now - 30 * HOUR + 1).replace("Z", "+00:00"));
    const { body } = await read(owner, mine, `?from=${from}&to=${iso(now - 29 * HOUR)}`);
    expect(body).toMatchObject({ from: iso(now - 30 * HOUR), to: iso(now - 29 * HOUR), sampled: false });
    expect(body.total.requests).toBe(1);
  });

  it.each([
    ["a day", "?from=2026-11-01"],
    ["the end before the beginning", `?from=${iso(now)}&to=${iso(now - HOUR)}`],
    ["more than a month", `?from=${iso(now - 32 * DAY)}`],
  ])("refuses %s", async (_, query) => {
    expect(await read(owner, mine, query)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  it("is the account's own: also of a deleted one, and of its time with one that was handed on", async () => {
    expect((await read(owner, gone)).body.total.requests).toBe(1);
    expect((await read(owner, handedOn)).body.total.requests).toBe(1);
    expect((await read(heir, handedOn)).body.total.requests).toBe(2);
    expect(await read(heir, mine)).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect(await read(heir, gone)).toMatchObject({ status: 404 });
  });

  it("says when it cannot be read, and whether waiting helps", async () => {
    const fault = {
      kind: "error_before",
      match: { method: "POST", path: "^.*/analytics_engine/", count: 1 },
    };
    expect((await vendor("/_control/faults", fault)).ok).toBe(true);
    const answer = await read(owner, mine);
    expect(answer).toMatchObject({ status: 503, body: { code: "vendor_unavailable" } });
    expect(answer.headers.get("Retry-After")).toBe("5");
    expect((await read(owner, mine)).status).toBe(200);
  });

  it("says when it is not configured, as health does", async () => {
    const bare = { ...env, CLOUDFLARE_ACCOUNT_ID: undefined };
    const ask = async (path: string, environment: typeof env) => {
      const headers = { Authorization: `Bearer ${owner.token}` };
      const request = new Request(`http://localhost${path}`, { headers }) as Parameters<
        typeof worker.fetch
      >[0];
      const response = await worker.fetch(request, environment, createExecutionContext());
      return { status: response.status, body: (await response.json()) as object };
    };
    expect(await ask(`/api/instances/${mine}/traffic`, bare as typeof env)).toMatchObject({
      status: 503,
      body: { code: "not_configured", hint: expect.stringContaining("ANALYTICS_API_TOKEN") },
    });
    expect((await ask("/api/health", bare as typeof env)).body).toMatchObject({ traffic: false });
    expect((await ask("/api/health", env)).body).toMatchObject({ traffic: true });
  });
});
