import { createScheduledController } from "cloudflare:test";
import { expect, it } from "vitest";
import worker from "../../../src/index.ts";
import { recordFindings } from "../../../src/usage/findings.ts";
import { FINDING_KINDS } from "../../../src/usage/reconcile.ts";
import { AIDER, env, newTenant } from "../harness.ts";
import { aPeriod, HOUR, newId, place, project } from "../usage/ledger.ts";

const findingsOf = async (instanceId: string) =>
  (
    await env.DB.prepare(
      "SELECT kind, first_seen_at, last_seen_at, resolved_at, detail FROM reconciliation_findings WHERE instance_id = ?",
    )
      .bind(instanceId)
      .all<{ kind: string; resolved_at: number | null; detail: string }>()
  ).results;

/** As if what happened in this test had been a while ago. */
async function settle(instanceId: string, values: { meter?: string } = {}): Promise<void> {
  await env.DB.prepare(
    "UPDATE periods SET started_at = ?3, meter = coalesce(?2, meter) WHERE instance_id = ?1 AND ended_at IS NULL",
  )
    .bind(instanceId, values.meter ?? null, Date.now() - HOUR)
    .run();
}

it("lesson 10: the daily job finds a machine nobody counts, and one that is counted and not there", async () => {
  const tenant = await newTenant();
  const { body } = await tenant.call("POST", "/api/instances?wait=60", AIDER);
  expect(body.status).toBe("running");
  const phantom = newId();
  await place(phantom, tenant);
  await project(aPeriod({ instanceId: phantom, accountId: tenant.accountId }));
  const cron = () => worker.scheduled(createScheduledController({ cron: "20 0 * * *" }), env);

  await settle(body.id);
  await cron();
  expect(await findingsOf(body.id)).toEqual([]);
  expect(await findingsOf(phantom)).toMatchObject([{ kind: "counted_but_not_running", resolved_at: null }]);

  await settle(body.id, { meter: "paused" });
  await cron();
  await cron();
  const { events } = (await tenant.call("GET", "/api/audit")).body;
  const told = events.filter(({ action }: { action: string }) => action === "sweep.finding");
  expect(told.map(({ target, detail }: any) => [target, detail.kind]).sort()).toEqual(
    [
      [phantom, "counted_but_not_running"],
      [body.id, "running_but_not_counted"],
    ].sort(),
  );
  const [found] = await findingsOf(body.id);
  expect(found).toMatchObject({ kind: "running_but_not_counted", resolved_at: null });
  expect(JSON.parse(found?.detail ?? "")).toEqual({ ours: "running (paused)", vendors: "started (running)" });

  await settle(body.id, { meter: "running" });
  await cron();
  expect(await findingsOf(body.id)).toMatchObject([{ resolved_at: expect.any(Number) }]);
  await tenant.call("DELETE", `/api/instances/${body.id}`);
});

it("a finding lasts from when it was first seen until it is seen no more, and may come again", async () => {
  const instanceId = newId();
  const detail = { ours: "a", vendors: "b" };
  const findings = [{ instanceId, kind: "volume_but_not_counted" as const, detail }];
  await recordFindings(env.DB, "made-up", { findings, kinds: FINDING_KINDS, now: 1 });
  await recordFindings(env.DB, "made-up", { findings, kinds: FINDING_KINDS, now: 2 });
  await recordFindings(env.DB, "made-up", { findings: [], kinds: FINDING_KINDS, now: 3 });
  await recordFindings(env.DB, "made-up", { findings, kinds: FINDING_KINDS, now: 4 });
  expect(await findingsOf(instanceId)).toMatchObject([
    { first_seen_at: 1, last_seen_at: 2, resolved_at: 3 },
    { first_seen_at: 4, last_seen_at: 4, resolved_at: null },
  ]);
});
