import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { Env } from "../../../src/env.ts";
import worker from "../../../src/index.ts";
import { AIDER, env, newTenant, type Tenant } from "../harness.ts";

let owner: Tenant;
let host: string;
let subdomain: string;

beforeAll(async () => {
  owner = await newTenant();
  const { body } = await owner.call("POST", "/api/instances?wait=60", AIDER);
  expect(body).toMatchObject({ status: "running" });
  subdomain = body.subdomain;
  host = `${subdomain}.gentity.test`;
});

interface Statement {
  sql: string;
  values: unknown[];
}

/** The Worker's own bindings, and what was asked of them since they were last looked at. */
function watched() {
  const touched = new Set<string>();
  const statements: Statement[] = [];
  const prepare = (sql: string) => ({
    bind: (...values: unknown[]) => {
      statements.push({ sql, values });
      return env.DB.prepare(sql).bind(...values);
    },
  });
  const DB = { prepare, withSession: () => ({ prepare }) };
  const bindings = new Proxy(env, {
    get: (target, name: keyof Env) => {
      touched.add(name);
      return name === "DB" ? DB : target[name];
    },
  });
  return {
    bindings,
    asked: () => {
      const asked = { bindings: [...touched], statements: [...statements] };
      touched.clear();
      statements.length = 0;
      return asked;
    },
  };
}

async function visit(bindings: Env): Promise<number> {
  const ctx = createExecutionContext();
  const request = new Request(`https://${host}/`) as Parameters<typeof worker.fetch>[0];
  const response = await worker.fetch(request, bindings, ctx);
  await response.text();
  await waitOnExecutionContext(ctx);
  return response.status;
}

describe("what a request through the edge costs in storage", () => {
  it("cold: one D1 row; warm: nothing but its row of analytics", async () => {
    const { bindings, asked } = watched();
    expect(await visit(bindings)).toBe(200);
    const cold = asked();
    expect(cold.bindings).toContain("DB");
    expect(cold.bindings).not.toContain("INSTANCES");
    expect(cold.statements).toHaveLength(1);
    for (let request = 0; request < 20; request++) {
      expect(await visit(bindings)).toBe(200);
      expect(asked()).toEqual({ bindings: ["EDGE_EVENTS"], statements: [] });
    }
    const [{ sql, values }] = cold.statements as [Statement];
    const { results, meta } = await env.DB.prepare(sql)
      .bind(...values)
      .all();
    expect(values).toEqual([subdomain]);
    expect(results).toHaveLength(1);
    expect(meta.rows_read).toBe(1);
  });
});
