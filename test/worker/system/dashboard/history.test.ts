import { createScheduledController } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { newInstanceId } from "../../../../src/ids.ts";
import worker from "../../../../src/index.ts";
import { AIDER, env, newTenant } from "../../harness.ts";
import { aPeriod, DAY, HOUR, place, project } from "../../usage/ledger.ts";
import { newVisitor } from "../../visitor.ts";

const PATH = "/dashboard/history";

describe("deleted instances", () => {
  it("stay to be seen, with what they cost and where their records are, for their account alone", async () => {
    const tenant = await newTenant();
    const visitor = await newVisitor(tenant.accountId);
    expect(await (await visitor.get(PATH)).text()).toContain("Nothing was deleted yet");
    const { body } = await tenant.call("POST", "/api/instances?wait=60", { ...AIDER, name: "gone by now" });
    expect(await (await visitor.get(PATH)).text()).not.toContain("gone by now");
    await tenant.call("DELETE", `/api/instances/${body.id}`);
    const text = await (await visitor.get(PATH)).text();
    expect(text).toContain("gone by now");
    expect(text).toContain(`/dashboard/audit?instance=${body.id}`);
    expect(text).toContain(`/dashboard/usage?instance=${body.id}`);
    expect(text).toContain("so far");
    expect(text).not.toContain(body.subdomain);
    expect(await (await visitor.get("/dashboard")).text()).not.toContain("gone by now");
    const stranger = await newVisitor((await newTenant()).accountId);
    expect(await (await stranger.get(PATH)).text()).not.toContain("gone by now");
  });

  it("say how long they ran and what all of it cost, once it is counted", async () => {
    const { accountId } = await newTenant();
    const visitor = await newVisitor(accountId);
    const id = newInstanceId();
    const day = Math.floor(Date.now() / DAY) * DAY - 3 * DAY;
    await place(id, { accountId });
    await project(aPeriod({ instanceId: id, accountId, startedAt: day, endedAt: day + 30 * HOUR }));
    await env.DB.prepare("UPDATE instances SET deleted_at = ?, state = 'deleted' WHERE id = ?")
      .bind(day + 30 * HOUR, id)
      .run();
    await worker.scheduled(createScheduledController({ cron: "5 * * * *" }), env);
    const text = await (await visitor.get(PATH)).text();
    expect(text).toContain("1 d 6 h");
    expect(text).not.toContain("so far");
    // A shared CPU and 256 MB at Fly, and a GB of volume.
    const micros = ((267_500 + 1_930_000 / 4 + 57_870) * 30 * 3600) / 1e6;
    expect(text).toContain(`$${(micros / 1e6).toFixed(4)} <small>est.`);
  });

  it("come by fifty", async () => {
    const { accountId } = await newTenant();
    const visitor = await newVisitor(accountId);
    const ids = Array.from({ length: 60 }, newInstanceId);
    for (const id of ids) {
      await place(id, { accountId });
    }
    await env.DB.prepare("UPDATE instances SET deleted_at = 1, state = 'deleted' WHERE account_id = ?")
      .bind(accountId)
      .run();
    const rows = (text: string) => text.split('<th scope="row">').length - 1;
    const first = await (await visitor.get(PATH)).text();
    expect(rows(first)).toBe(50);
    const [, next = ""] = /href="([^"]+)" rel="next"/.exec(first) ?? [];
    expect(rows(await (await visitor.get(next)).text())).toBe(10);
  });
});
