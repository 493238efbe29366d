import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeUsage } from "../../../src/usage/compute.ts";
import { flattenCards, RATE_CARDS } from "../../../src/usage/rate-card.ts";
import { continueUsage, runUsage } from "../../../src/usage/run.ts";
import { FREEZE_CHUNK, NEXT_CHUNK } from "../../../src/usage/statements.ts";
import { env } from "../harness.ts";
import {
  aPeriod,
  type Chaos,
  chaos,
  DAY,
  forget,
  HOUR,
  isDue,
  LARGE,
  MIDNIGHT,
  newId,
  place,
  project,
  rowsOf,
  SMALL,
  sorted,
} from "../usage/ledger.ts";

const rates = flattenCards(RATE_CARDS);
const run = (asOf: number) => runUsage(env.DB, { asOf });

async function live(over: Chaos): Promise<void> {
  let delivered = 0;
  const runs = [...over.runs];
  const runDue = async () => {
    for (const due of runs.filter(({ after }) => after === delivered)) {
      await run(due.asOf);
    }
  };
  await runDue();
  for (const { at, open } of over.deliveries) {
    const period = over.periods[at];
    if (period) {
      await project(open ? { ...period, endedAt: null } : period);
    }
    delivered++;
    await runDue();
  }
}

async function born(history: Omit<Chaos, "instanceId">): Promise<Chaos> {
  const instanceId = newId();
  const [first] = history.periods;
  await place(instanceId, { provider: first?.provider, region: first?.region });
  return { ...history, instanceId, periods: history.periods.map((period) => ({ ...period, instanceId })) };
}

const END = MIDNIGHT + 8 * DAY + 7 * HOUR;

describe("any history, however its records arrive", () => {
  it("ends in the rows that the pure computation gives, and its days sum to its periods exactly", async () => {
    await fc.assert(
      fc.asyncProperty(chaos, async (history) => {
        const story = await born(history);
        await live(story);
        await run(END);
        const rows = await rowsOf(story.instanceId);
        await forget(story.instanceId);
        expect(rows).toEqual(sorted(computeUsage(story.periods, { asOf: END, rates })));
        for (const accountId of ["acc_a", "acc_b"]) {
          const own = rows.filter((row) => row.accountId === accountId);
          const sum = own.reduce((total, row) => total + row.runningMs + row.pausedMs, 0);
          const overlaps = story.periods
            .filter((period) => period.accountId === accountId && period.meter !== "none")
            .map((period) => Math.max(0, (period.endedAt ?? END) - period.startedAt));
          expect(sum).toBe(overlaps.reduce((total, ms) => total + ms, 0));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("gives the same rows for any order of records and runs", async () => {
    await fc.assert(
      fc.asyncProperty(
        chaos,
        fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
        async (history, weights) => {
          const shuffle = <T>(items: T[]) =>
            items
              .map((item, index) => ({ item, weight: weights[index] ?? 0 }))
              .toSorted((a, b) => a.weight - b.weight)
              .map(({ item }) => item);
          const [one, two] = [await born(history), await born(history)];
          await live(one);
          await live({ ...two, deliveries: shuffle(two.deliveries), runs: shuffle(two.runs) });
          await run(END);
          await run(END);
          const rows = await rowsOf(one.instanceId);
          const others = await rowsOf(two.instanceId);
          await forget(one.instanceId, two.instanceId);
          expect(others.map((row) => ({ ...row, instanceId: one.instanceId }))).toEqual(rows);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("a run", () => {
  it("counts an open period up to now and says how far; the day's end closes it", async () => {
    const instanceId = newId();
    await place(instanceId);
    await project(aPeriod({ instanceId }));
    await run(MIDNIGHT + 3 * HOUR);
    expect(await rowsOf(instanceId)).toMatchObject([
      {
        runningMs: 3 * HOUR,
        volumeGbMs: 3 * HOUR,
        countedTo: MIDNIGHT + 3 * HOUR,
        rateCard: "fly-2025-08-19",
      },
    ]);
    await run(MIDNIGHT + DAY + 20 * 60_000);
    expect(await rowsOf(instanceId)).toMatchObject([
      { day: MIDNIGHT, runningMs: DAY, countedTo: MIDNIGHT + DAY },
      { day: MIDNIGHT + DAY, runningMs: 20 * 60_000 },
    ]);
    await forget(instanceId);
  });

  it("catches up on days when no run was made", async () => {
    const instanceId = newId();
    await project(aPeriod({ instanceId }));
    await run(MIDNIGHT + HOUR);
    await run(MIDNIGHT + 10 * DAY);
    expect((await rowsOf(instanceId)).map(({ runningMs }) => runningMs)).toEqual(Array(10).fill(DAY));
    await forget(instanceId);
  });

  it("reopens the days of a late period, also those that it empties", async () => {
    const instanceId = newId();
    await project(aPeriod({ instanceId }));
    await run(MIDNIGHT + 3 * DAY);
    expect(await rowsOf(instanceId)).toHaveLength(3);
    await project(
      aPeriod({ instanceId, endedAt: MIDNIGHT + HOUR }),
      aPeriod({ instanceId, seq: 2, meter: "none", startedAt: MIDNIGHT + HOUR }),
    );
    await run(MIDNIGHT + 3 * DAY + HOUR);
    expect(await rowsOf(instanceId)).toMatchObject([{ day: MIDNIGHT, runningMs: HOUR }]);
    expect(await isDue(instanceId)).toBe(false);
  });

  it("reopens from where the next period began, where a close comes in late and says later than that", async () => {
    const instanceId = newId();
    const next = { instanceId, seq: 2, meter: "none", startedAt: MIDNIGHT + HOUR };
    await project(aPeriod({ instanceId }), aPeriod(next));
    await run(MIDNIGHT + 3 * DAY);
    await project(aPeriod({ instanceId, endedAt: MIDNIGHT + 2 * DAY + HOUR }));
    await run(MIDNIGHT + 3 * DAY + HOUR);
    expect((await rowsOf(instanceId)).map(({ runningMs }) => runningMs)).toEqual([DAY, DAY, HOUR]);
  });

  it("reads nothing and writes nothing once everything is counted", async () => {
    const instanceId = newId();
    await project(aPeriod({ instanceId, endedAt: MIDNIGHT + HOUR }));
    await run(MIDNIGHT + 2 * DAY);
    expect(await run(MIDNIGHT + 3 * DAY)).toMatchObject({ finished: true, instances: 0, rowsWritten: 0 });
  });

  it("does not write a row that did not change", async () => {
    const instanceId = newId();
    await project(aPeriod({ instanceId, endedAt: MIDNIGHT + HOUR }));
    await run(MIDNIGHT + DAY);
    await env.DB.exec(
      `CREATE TRIGGER no_rewrite BEFORE UPDATE ON usage_daily WHEN NEW.instance_id = '${instanceId}' BEGIN SELECT RAISE(ABORT, 'rewritten'); END`,
    );
    await project(
      aPeriod({
        instanceId,
        seq: 2,
        meter: "none",
        startedAt: MIDNIGHT + HOUR,
        endedAt: MIDNIGHT + 2 * HOUR,
      }),
    );
    await run(MIDNIGHT + 2 * DAY);
    expect(await isDue(instanceId)).toBe(false);
    await env.DB.exec("DROP TRIGGER no_rewrite");
  });

  it("stops at its limits, and the next one goes on where it was", async () => {
    const ids = Array.from({ length: 12 }, newId);
    await project(...ids.map((instanceId) => aPeriod({ instanceId, endedAt: MIDNIGHT + HOUR })));
    const asOf = END + 30 * DAY;
    const first = await runUsage(env.DB, { asOf, chunkSize: 2, maxQueries: 24 });
    expect(first).toMatchObject({ finished: false });
    expect(await rowsOf(...ids)).toHaveLength(first.instances);
    await continueUsage(env.DB);
    expect(await rowsOf(...ids)).toHaveLength(12);
    const last = await env.DB.prepare("SELECT * FROM usage_runs WHERE as_of = ?").bind(asOf).first();
    expect(last).toMatchObject({ instances: 12, finished_at: expect.any(Number) });
  });

  it("keeps a change that arrives while it runs due", async () => {
    const instanceId = newId();
    await project(aPeriod({ instanceId, endedAt: MIDNIGHT + HOUR }));
    await run(MIDNIGHT + 2 * DAY);
    await project(
      aPeriod({ instanceId, seq: 2, startedAt: MIDNIGHT + 5 * HOUR, endedAt: MIDNIGHT + 6 * HOUR }),
    );
    expect(await isDue(instanceId)).toBe(true);
    await run(MIDNIGHT + 2 * DAY);
    expect(await rowsOf(instanceId)).toMatchObject([{ runningMs: 2 * HOUR }]);
  });
});

describe("the database's plan", () => {
  it("finds what it counts by indexes, and reads no table whole", async () => {
    const range = ["", "zzz", MIDNIGHT];
    const statements = [
      env.DB.prepare(`EXPLAIN QUERY PLAN ${FREEZE_CHUNK.upsert}`).bind(...range, "[]"),
      ...FREEZE_CHUNK.rest.map((text) => env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`).bind(...range)),
      env.DB.prepare(`EXPLAIN QUERY PLAN ${NEXT_CHUNK}`).bind("", MIDNIGHT, 1),
    ];
    const plans = await env.DB.batch<{ detail: string }>(statements);
    const lines = plans.flatMap(({ results }) => results.map(({ detail }) => detail));
    const onPeriods = lines.filter((line) => /^(SCAN|SEARCH) (p|n)\b/.test(line));
    expect(onPeriods.length).toBeGreaterThan(0);
    for (const line of onPeriods) {
      expect(line).toMatch(
        /^SEARCH (p USING (COVERING )?INDEX periods_by_end|n USING PRIMARY KEY) \(instance_id=\?/,
      );
    }
    expect(lines.filter((line) => /^SCAN (u|i|usage_daily|usage_due|instances)\b/.test(line))).toEqual([]);
  });
});

describe("what is counted", () => {
  it("is started machines only: a resumed one does not bill its sleep", async () => {
    const instanceId = newId();
    await place(instanceId);
    await project(
      aPeriod({ instanceId, endedAt: MIDNIGHT + HOUR }),
      aPeriod({
        instanceId,
        seq: 2,
        meter: "paused",
        startedAt: MIDNIGHT + HOUR,
        endedAt: MIDNIGHT + 9 * HOUR,
      }),
      aPeriod({ instanceId, seq: 3, startedAt: MIDNIGHT + 9 * HOUR, endedAt: MIDNIGHT + 10 * HOUR }),
    );
    await run(MIDNIGHT + DAY);
    expect(await rowsOf(instanceId)).toMatchObject([{ runningMs: 2 * HOUR, pausedMs: 8 * HOUR }]);
  });

  it("stays with whoever had the instance, on both sides of a transfer within a day", async () => {
    const instanceId = newId();
    await place(instanceId);
    await project(
      aPeriod({ instanceId, accountId: "acc_source", endedAt: MIDNIGHT + 7 * HOUR }),
      aPeriod({ instanceId, seq: 2, accountId: "acc_target", startedAt: MIDNIGHT + 7 * HOUR }),
    );
    await run(MIDNIGHT + DAY);
    expect(await rowsOf(instanceId)).toMatchObject([
      { accountId: "acc_source", runningMs: 7 * HOUR },
      { accountId: "acc_target", runningMs: 17 * HOUR },
    ]);
    await forget(instanceId);
  });

  it("is priced by size, region and the day's card, rounded once per row", async () => {
    const [here, there, nowhere] = [newId(), newId(), newId()];
    await place(here);
    await place(there, { region: "gru" });
    await place(nowhere, { region: "zzz" });
    const ids = [here, there, nowhere];
    await project(
      ...ids.flatMap((instanceId) => [
        aPeriod({ instanceId, spec: SMALL, endedAt: MIDNIGHT + 1 }),
        aPeriod({ instanceId, seq: 2, spec: LARGE, startedAt: MIDNIGHT + 1, endedAt: MIDNIGHT + DAY }),
      ]),
    );
    await run(MIDNIGHT + DAY);
    const [one, two, three] = await rowsOf(...ids);
    // 2 vCPU at $0.0000081 and 4 GB at $0.00000193 a second, 10 GB of volume at $0.15 a month.
    expect(one?.costMicros).toBe(Math.round((0.0000162 + 0.00000772) * 86_400e6 + 10 * 0.05787 * 86_400));
    expect(two?.costMicros).toBeGreaterThan((one?.costMicros ?? 0) * 1.59);
    expect(three?.costMicros).toBe(one?.costMicros);
  });

  it("lesson 1: a period whose close was lost ends where the next one begins", async () => {
    const instanceId = newId();
    await project(
      aPeriod({ instanceId }),
      aPeriod({ instanceId, seq: 2, meter: "none", startedAt: MIDNIGHT + 2 * HOUR }),
    );
    await run(MIDNIGHT + 5 * DAY);
    expect(await rowsOf(instanceId)).toMatchObject([{ runningMs: 2 * HOUR }]);
    expect(await isDue(instanceId)).toBe(false);
  });

  it("lesson 10: nobody has to stop a machine for its usage to be counted", async () => {
    const instanceId = newId();
    await project(aPeriod({ instanceId }));
    for (let day = 1; day <= 6; day++) {
      await run(MIDNIGHT + day * DAY + HOUR);
    }
    expect((await rowsOf(instanceId)).filter(({ runningMs }) => runningMs === DAY)).toHaveLength(6);
    await forget(instanceId);
  });

  it("lesson 10: where there was no machine there is no row, not one of zero", async () => {
    const instanceId = newId();
    await project(aPeriod({ instanceId, meter: "none", endedAt: MIDNIGHT + HOUR }));
    await run(MIDNIGHT + DAY);
    expect(await rowsOf(instanceId)).toEqual([]);
  });
});
