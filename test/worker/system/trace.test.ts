import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { handleEdge } from "../../../src/edge/handle.ts";
import { BLOBS, DOUBLES } from "../../../src/traffic/columns.ts";
import { AIDER, env, newTenant, type Tenant } from "../harness.ts";

let owner: Tenant;
let id: string;
let subdomain: string;

beforeAll(async () => {
  owner = await newTenant();
  const { body } = await owner.call("POST", "/api/instances?wait=60", AIDER);
  ({ id, subdomain } = body);
});

type Row = Record<string, string | number | undefined>;

/** What the edge answered, and the rows that it wrote about it. */
async function visit(name: string, init: RequestInit = {}, path = "/"): Promise<[Response, Row[], string]> {
  const points: AnalyticsEngineDataPoint[] = [];
  const watched = { ...env, EDGE_EVENTS: { writeDataPoint: (point = {}) => void points.push(point) } };
  const ctx = createExecutionContext();
  const request = new Request(`https://${name}.gentity.test${path}`, init);
  const response = await handleEdge(request as Parameters<typeof handleEdge>[0], watched, ctx, name);
  await waitOnExecutionContext(ctx);
  const rows = points.map(({ indexes, blobs = [], doubles = [] }) => ({
    instanceId: String(indexes?.[0]),
    ...Object.fromEntries(BLOBS.map((column, at) => [column, String(blobs[at])])),
    ...Object.fromEntries(DOUBLES.map((column, at) => [column, doubles[at]])),
  }));
  return [response, rows, JSON.stringify(points)];
}

describe("one analytics row per request", () => {
  it("names the instance, its owner and what was answered", async () => {
    const [response, rows] = await visit(subdomain);
    const text = await response.text();
    expect(rows).toEqual([
      {
        instanceId: id,
        accountId: owner.accountId,
        outcome: "forwarded",
        state: "running",
        method: "GET",
        protocol: "http",
        colo: expect.any(String),
        status: 200,
        firstByteMs: expect.any(Number),
        bytesIn: 0,
        bytesOut: new TextEncoder().encode(text).length,
      },
    ]);
  });

  it("counts what a body announces, and nothing where none is sent", async () => {
    const upload = { method: "POST", body: "x".repeat(1000), headers: { "Content-Length": "1000" } };
    const [, [post]] = await visit(subdomain, upload);
    expect(post).toMatchObject({ method: "POST", bytesIn: 1000 });
    const [head, [row]] = await visit(subdomain, { method: "HEAD" });
    expect([head.status, row?.bytesOut]).toEqual([200, 0]);
  });

  it("holds no path, no query, no header, no address", async () => {
    const [, , text] = await visit(
      subdomain,
      {
        headers: {
          Cookie: "a=hidden-cookie",
          Authorization: "Bearer hidden-token",
          "CF-Connecting-IP": "203.0.113.9",
        },
      },
      "/hidden-path?key=hidden-query",
    );
    expect(text).not.toMatch(/hidden|203\.0\.113\.9/);
    expect(text).not.toContain(subdomain);
  });

  it("tells of a miss without the name that was asked for", async () => {
    const [response, rows, text] = await visit("ai-mistyped1");
    expect(response.status).toBe(404);
    expect(rows).toMatchObject([{ instanceId: "-", accountId: "", outcome: "missed", status: 404 }]);
    expect(text).not.toContain("mistyped");
  });

  it("tells of a look-up that failed", async () => {
    const points: AnalyticsEngineDataPoint[] = [];
    const broken = {
      ...env,
      DB: undefined as unknown as D1Database,
      EDGE_EVENTS: { writeDataPoint: (point = {}) => void points.push(point) },
    };
    const request = new Request("https://ai-unknown11.gentity.test/") as Parameters<typeof handleEdge>[0];
    const response = await handleEdge(request, broken, createExecutionContext(), "ai-unknown11");
    expect(points.map(({ blobs, doubles }) => [blobs?.[0], doubles?.[0]])).toEqual([
      ["failed", response.status],
    ]);
  });

  it("is not the request's business when it cannot be written", async () => {
    const refusing = {
      ...env,
      EDGE_EVENTS: {
        writeDataPoint() {
          throw new TypeError("too many");
        },
      },
    };
    const request = new Request(`https://${subdomain}.gentity.test/`) as Parameters<typeof handleEdge>[0];
    const response = await handleEdge(request, refusing, createExecutionContext(), subdomain);
    expect(response.status).toBe(200);
  });
});
