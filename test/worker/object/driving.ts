import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import type { CreateCommand } from "../../../src/instance/contract.ts";
import type { PlanStep } from "../../../src/instance/plan.ts";
import type { StepReport } from "../../../src/instance/report.ts";
import type { Outcome, StepValue } from "../../../src/providers/provider.ts";
import { aCommand, stubOf } from "../harness.ts";

export const ok = (value: StepValue = {}): Outcome<StepValue> => ({ type: "ok", value });
const machine = (state: "starting" | "started" | "stopped" | "suspended"): StepValue => ({
  observed: { machine: state, vendorState: state },
});

/** What a vendor without any trouble answers to each step. */
const GOOD: Partial<Record<PlanStep, StepValue>> = {
  place: { refs: { place: "app" } },
  volume: { refs: { volume: "vol" } },
  machine: { refs: { machine: "m1" }, ...machine("starting") },
  configure: machine("stopped"),
  boot: machine("started"),
  stop: machine("stopped"),
  suspend: machine("suspended"),
};

/** Drives with made-up outcomes until there is nothing to do; evicts the object before every step. */
export async function drive(
  id: string,
  over: Partial<Record<PlanStep, Outcome<StepReport>>> = {},
): Promise<PlanStep[]> {
  const steps: PlanStep[] = [];
  for (let turn = 0; turn < 40; turn++) {
    await evictDurableObject(stubOf(id));
    const directive = await stubOf(id).next("driver");
    if (directive.type !== "step") {
      return steps;
    }
    steps.push(directive.step);
    const outcome = over[directive.step] ?? ok(GOOD[directive.step]);
    await stubOf(id).report("driver", directive.fence, directive.step, outcome);
  }
  throw new Error("the object always wants another step");
}

export async function running(command: CreateCommand = aCommand()): Promise<string> {
  await stubOf(command.id).create(command);
  await drive(command.id);
  expect((await stubOf(command.id).get())?.state).toBe("running");
  return command.id;
}

/** As if so much time had gone by since anything happened. */
export async function letPass(id: string, seconds: number): Promise<void> {
  const ms = seconds * 1_000;
  await runInDurableObject(stubOf(id), (_, state) => {
    const { sql } = state.storage;
    sql.exec("UPDATE periods SET started_at = started_at - ?", ms);
    sql.exec("UPDATE work SET until = until - ?", ms);
    sql.exec(
      "UPDATE record SET body = json_set(body, '$.activeAt', json_extract(body, '$.activeAt') - ?1)",
      ms,
    );
  });
  await evictDurableObject(stubOf(id));
  await runDurableObjectAlarm(stubOf(id));
}
