/**
 * The local stack has no clock to turn: machines, vendors and browsers live in one real time. What can be turned is the past: while
 * nothing runs, all that is recorded of an instance is moved back, in its object and in the records, so that at the next start
 * as much time has gone by for it. What is counted and drawn then is the Worker's own work.
 */
import type { DatabaseSync } from "node:sqlite";
import { databasesWith, withRecords } from "./records.ts";

export const DAY = 86_400_000;

const RECORD_TIMES = ["createdAt", "updatedAt", "activeAt"];

/** A closed period is never edited, says the database; who moves the past asks it to look away. */
function unguarded(records: DatabaseSync, work: () => void): void {
  const { sql } = records
    .prepare("SELECT sql FROM sqlite_master WHERE name = 'periods_closed_are_final'")
    .get() as { sql: string };
  records.exec("DROP TRIGGER periods_closed_are_final");
  work();
  records.exec(sql);
}

/** As if the instance had been made, and all of its changes had happened, so much earlier. The stack must not be running. */
export function movePastBack(state: string, id: string, ms: number): void {
  withRecords(state, (records) => {
    unguarded(records, () => {
      const move =
        "UPDATE periods SET started_at = started_at - ?, ended_at = ended_at - ? WHERE instance_id = ?";
      records.prepare(move).run(ms, ms, id);
    });
    records
      .prepare("UPDATE instances SET created_at = created_at - ?, state_since = state_since - ? WHERE id = ?")
      .run(ms, ms, id);
    // What was counted of it is of days that are no longer its own.
    records.prepare("DELETE FROM usage_daily WHERE instance_id = ?").run(id);
  });
  const objects = databasesWith("record", state);
  for (const object of objects) {
    const body = JSON.parse((object.prepare("SELECT body FROM record").get() as { body: string }).body);
    if (body.id !== id) continue;
    for (const name of RECORD_TIMES) body[name] -= ms;
    object.prepare("UPDATE record SET body = ?").run(JSON.stringify(body));
    object.prepare("UPDATE periods SET started_at = started_at - ?, ended_at = ended_at - ?").run(ms, ms);
  }
  for (const object of objects) object.close();
}

/** One stretch of a life that is told, not lived: its state, and for how long. */
export type Told = readonly [state: "running" | "suspended" | "stopped", hours: number];

/**
 * Gives an instance a life before its real one, in the records alone: its first period begins where the last of these ends.
 * The numbers of these periods are below zero, where the object never writes.
 */
export function tellPast(state: string, id: string, life: readonly Told[]): void {
  withRecords(state, (records) => {
    const first = records
      .prepare("SELECT * FROM periods WHERE instance_id = ? ORDER BY seq LIMIT 1")
      .get(id) as Record<string, string | number>;
    const insert = records.prepare(
      `INSERT INTO periods (instance_id, seq, account_id, state, meter, spec, started_at, ended_at, generation, reason, actor)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, 'intent', ?)`,
    );
    let end = Number(first.started_at);
    for (const [index, [told, hours]] of [...life].reverse().entries()) {
      const start = end - hours * 3_600_000;
      const meter = told === "running" ? "running" : "paused";
      insert.run(
        id,
        -1 - index,
        String(first.account_id),
        told,
        meter,
        String(first.spec),
        start,
        end,
        String(first.actor),
      );
      end = start;
    }
    records.prepare("UPDATE instances SET created_at = ? WHERE id = ?").run(end, id);
  });
}

/** Many more like this one, newest first; they have rows, and no machines. */
export function addInstancesLike(
  state: string,
  id: string,
  count: number,
  over: Record<string, string> = {},
): void {
  withRecords(state, (records) => {
    const row = records.prepare("SELECT * FROM instances WHERE id = ?").get(id) as Record<
      string,
      string | number | null
    >;
    const names = Object.keys(row);
    const insert = records.prepare(
      `INSERT INTO instances (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    );
    const states = ["stopped", "suspended", "error"];
    for (let index = 0; index < count; index++) {
      const tail = index.toString(36).padStart(4, "0");
      const one: Record<string, string | number | null> = {
        ...row,
        id: `${id.slice(0, -4)}${tail}`,
        subdomain: `ai-many${tail}`,
        name: `worker-${tail}`,
        state: states[index % states.length] ?? "stopped",
        ...over,
      };
      insert.run(...names.map((name) => one[name] ?? null));
    }
  });
}
