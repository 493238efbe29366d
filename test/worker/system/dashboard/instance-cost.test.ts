import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Env } from "../../../../src/env.ts";
import worker from "../../../../src/index.ts";
import { env } from "../../harness.ts";
import { newDesk } from "./instance-rig.ts";

/** The Worker's own bindings, and what was asked of them. */
function watched() {
  const statements: { sql: string; values: unknown[] }[] = [];
  const requests: string[] = [];
  const prepare = (sql: string) => ({
    bind: (...values: unknown[]) => {
      statements.push({ sql, values });
      return env.DB.prepare(sql).bind(...values);
    },
  });
  const DB = { prepare, batch: (list: D1PreparedStatement[]) => env.DB.batch(list) };
  const INSTANCES = {
    getByName: (name: string) =>
      new Proxy(env.INSTANCES.getByName(name), {
        get:
          (stub, method: string) =>
          (...values: unknown[]) => {
            requests.push(method);
            return (stub as any)[method](...values);
          },
      }),
  };
  const bindings = new Proxy(env, {
    get: (target, name: keyof Env) => (name === "DB" ? DB : name === "INSTANCES" ? INSTANCES : target[name]),
  });
  return { bindings, statements, requests };
}

async function rowsRead(statements: { sql: string; values: unknown[] }[]): Promise<number> {
  let rows = 0;
  for (const { sql, values } of statements.filter(({ sql }) => /^select/i.test(sql.trim()))) {
    rows += (
      await env.DB.prepare(sql)
        .bind(...values)
        .all()
    ).meta.rows_read;
  }
  return rows;
}

describe("the page of an instance", () => {
  it("asks its object once, and reads what it shows", async () => {
    const desk = await newDesk();
    const { id } = await desk.make();
    await desk.page(`/dashboard/instances/${id}`);
    const { bindings, statements, requests } = watched();
    const ctx = createExecutionContext();
    const request = new Request(`http://localhost/dashboard/instances/${id}`, {
      headers: { Cookie: desk.visitor.cookie, Accept: "text/html" },
    }) as Parameters<typeof worker.fetch>[0];
    const response = await worker.fetch(request, bindings, ctx);
    expect(response.status).toBe(200);
    const text = await response.text();
    await waitOnExecutionContext(ctx);
    expect(requests).toEqual(["details"]);
    const rows = await rowsRead(statements);
    expect(statements.length).toBeLessThan(10);
    expect(rows).toBeLessThan(40);
    expect(text.length).toBeLessThan(60_000);
  });
});
