import { describe, expect, it } from "vitest";
import type { MachineState } from "../providers/provider.ts";
import { type Action, decide } from "./decide.ts";
import { aJob, aRecord } from "./fixtures.ts";
import { INTENTS, judge } from "./intents.ts";
import { type Goal, PLANS } from "./plan.ts";
import type { Desired, Job, View } from "./record.ts";
import { canTransition, isTransitional, STATES, type State } from "./states.ts";

const NOW = 10_000_000;
const MACHINES: MachineState[] = [
  "absent",
  "starting",
  "started",
  "stopping",
  "stopped",
  "suspending",
  "suspended",
  "failed",
  "unknown",
];
const DESIRED: Desired[] = ["running", "stopped", "suspended", "deleted"];
const GOALS = Object.keys(PLANS) as Goal[];

/** The goals that can be under way in each state. */
const GOALS_OF: Record<State, Goal[]> = {
  creating: ["create"],
  running: ["check", "idle"],
  stopping: ["stop"],
  stopped: ["rekey", "check"],
  starting: ["start"],
  suspending: ["suspend"],
  suspended: ["check", "rouse"],
  error: ["cleanup", "rekey", "check"],
  deleting: ["delete"],
  deleted: [],
};

function* jobs(goal: Goal): Generator<Job> {
  for (let step = 0; step <= PLANS[goal].length; step++) {
    for (const code of [null, "unsupported", "no_capacity", "missing"]) {
      const failure = code === null ? null : { code, message: "refused" };
      for (const calledUntil of [0, NOW + 1]) {
        for (const lease of [null, { driver: "d", until: NOW + 1 }, { driver: "d", until: NOW - 1 }]) {
          for (const startedAt of [NOW - 1, 0]) {
            yield aJob({ goal, step, failure, calledUntil, lease, startedAt });
          }
        }
      }
    }
  }
}

function* views(): Generator<View> {
  for (const state of STATES) {
    for (const machine of MACHINES) {
      for (const desired of DESIRED) {
        for (const job of [null, ...GOALS_OF[state].flatMap((goal) => [...jobs(goal)])]) {
          const observed = { machine, vendorState: machine };
          for (const checkAt of [NOW - 1, NOW + 1]) {
            yield { state, since: 0, record: aRecord({ desired, observed, job, checkAt }) };
          }
        }
      }
    }
  }
}

const VIEWS = [...views()];
/** Decided once: the sentences below look at the same decisions. */
const DECIDED = VIEWS.map((view) => ({ view, actions: decide(view, NOW) }));

const of = (actions: Action[], type: Action["type"]) => actions.filter((action) => action.type === type);
const transitionsOf = (actions: Action[]) => actions.filter((action) => action.type === "transition");

describe("decide, over all combinations", () => {
  it("is asked about many", () => {
    expect(VIEWS.length).toBeGreaterThan(10_000);
    expect(new Set(Object.values(GOALS_OF).flat())).toEqual(new Set(GOALS));
  });

  it("makes only legal transitions, at most one at a time", () => {
    const wrong = DECIDED.filter(({ view, actions }) => {
      const transitions = transitionsOf(actions);
      return transitions.length > 1 || transitions.some(({ to }) => !canTransition(view.state, to));
    });
    expect(wrong).toEqual([]);
  });

  it("never turns deleting into error", () => {
    const wrong = DECIDED.filter(
      ({ view, actions }) =>
        view.state === "deleting" && transitionsOf(actions).some(({ to }) => to === "error"),
    );
    expect(wrong).toEqual([]);
  });

  it("never leaves a job without a driver, a wait, or an end", () => {
    expect(DECIDED.filter(({ view, actions }) => view.record.job !== null && actions.length === 0)).toEqual(
      [],
    );
  });

  it("enters a transitional state only together with the job that leads out of it", () => {
    const wrong = DECIDED.filter(
      ({ actions }) =>
        transitionsOf(actions).some(({ to }) => isTransitional(to)) && of(actions, "begin").length !== 1,
    );
    expect(wrong).toEqual([]);
  });

  it("calls running only what the vendor calls started, or raises an alarm (lesson 5: unknown stays running)", () => {
    const odd = DECIDED.filter(
      ({ view }) =>
        view.state === "running" &&
        view.record.job === null &&
        ["unknown", "failed", "absent"].includes(view.record.observed?.machine ?? ""),
    );
    expect(odd.length).toBeGreaterThan(0);
    expect(odd.filter(({ actions }) => transitionsOf(actions)[0]?.to !== "error")).toEqual([]);
  });

  it("has a problem to show in every error", () => {
    const wrong = DECIDED.filter(({ actions }) =>
      transitionsOf(actions).some(({ to, problem }) => to === "error" && !problem?.message),
    );
    expect(wrong).toEqual([]);
  });
});

describe("decide", () => {
  const at = (state: State, job: Partial<Job>, record = {}): View => ({
    state,
    since: NOW - 1000,
    record: aRecord({ job: aJob(job), ...record }),
  });

  it("cleans up after a create that cannot succeed", () => {
    const failure = { code: "no_capacity", message: "no room in iad", hint: "try ord" };
    expect(decide(at("creating", { goal: "create", failure }), NOW)).toEqual([
      { type: "transition", to: "error", reason: "no room in iad", problem: failure },
      { type: "begin", goal: "cleanup" },
    ]);
  });

  it("stops instead when the vendor will not suspend, and says so", () => {
    const failure = { code: "unsupported", message: "more than 2 GB" };
    expect(decide(at("suspending", { goal: "suspend", failure }), NOW).map((action) => action.type)).toEqual([
      "fallback",
      "transition",
      "begin",
    ]);
  });

  it("goes on to start after the stop of a restart", () => {
    const view = at("stopping", { goal: "stop", step: 1 }, { desired: "running" });
    expect(decide(view, NOW)).toContainEqual({ type: "begin", goal: "start" });
  });

  it("takes another owner's settings out of a machine that is down, and never gives up on it", () => {
    const down = { state: "stopped" as const, since: 0, record: aRecord({ pendingRecipe: "key" }) };
    expect(decide(down, NOW)).toEqual([{ type: "begin", goal: "rekey" }]);
    const failure = { code: "unauthorized", message: "the token was revoked" };
    expect(decide(at("stopped", { goal: "rekey", failure }, { pendingRecipe: "key" }), NOW)).toEqual([
      { type: "persist", afterMs: expect.any(Number) },
    ]);
  });

  it("leaves a machine alone that only has an old address of its own", () => {
    const observed = { machine: "stopped", vendorState: "stopped" } as const;
    const record = aRecord({ pendingRecipe: "address", observed });
    expect(decide({ state: "stopped", since: 0, record }, NOW)).toEqual([]);
  });

  it.each([
    ["stopped", "started", "stopping"],
    ["suspended", "started", "suspending"],
    ["suspended", "stopped", "stopped"],
    ["stopped", "absent", "error"],
    ["suspended", "absent", "error"],
  ] as const)("moves one that is %s and was found %s to %s", (state, machine, to) => {
    const record = aRecord({ observed: { machine, vendorState: machine }, refs: { machine: "m1" } });
    expect(transitionsOf(decide({ state, since: 0, record }, NOW))).toMatchObject([{ to }]);
  });

  it("gives up on a transitional state at its deadline, with the vendor's last word", () => {
    const view = { ...at("starting", { goal: "start", note: "no host", startedAt: 0 }), since: 0 };
    const [, transition] = decide(view, NOW);
    expect(transition).toMatchObject({
      to: "error",
      problem: { code: "deadline", message: expect.stringContaining("no host") },
    });
  });

  it("calls a driver again when the one that was called never came", () => {
    expect(decide(at("creating", { calledUntil: NOW - 1 }), NOW)).toContainEqual({ type: "call", at: NOW });
    expect(of(decide(at("creating", { calledUntil: NOW + 5 }), NOW), "call")).toEqual([]);
  });
});

describe("judge, over all combinations", () => {
  const JUDGED = VIEWS.flatMap((view) =>
    INTENTS.map((intent) => ({ view, intent, verdict: judge(view, intent) })),
  );

  it("accepts only what leads along the table", () => {
    const wrong = JUDGED.filter(
      ({ view, verdict }) => verdict.type === "accepted" && !canTransition(view.state, verdict.to),
    );
    expect(wrong).toEqual([]);
  });

  it("takes a delete in every state (lesson 8: undeletable sandboxes)", () => {
    const wrong = JUDGED.filter(
      ({ intent, verdict }) => intent === "delete" && !["accepted", "joined"].includes(verdict.type),
    );
    expect(wrong).toEqual([]);
  });

  it("lets one of two win: nothing but delete is taken in a transitional state", () => {
    const wrong = JUDGED.filter(
      ({ view, intent, verdict }) =>
        intent !== "delete" && isTransitional(view.state) && verdict.type !== "conflict",
    );
    expect(wrong).toEqual([]);
  });
});

describe("lesson 2: idle is judged by work", () => {
  const idle = { idleTimeoutSeconds: 60, activeAt: NOW - 61_000 };
  const at = (over: object, work?: View["work"]): View => ({
    state: "running",
    since: 0,
    record: aRecord({ ...idle, ...over }),
    ...(work ? { work } : {}),
  });

  it("looks into the machine before it puts it to sleep", () => {
    expect(decide(at({}), NOW)).toEqual([{ type: "begin", goal: "idle" }]);
    const looked = aJob({ goal: "idle", step: 1 });
    expect(decide(at({ job: looked }), NOW)).toEqual([
      { type: "doze", reason: "nothing was at work for 60 s" },
    ]);
    expect(decide(at({ job: looked, foundWork: "the command x is running" }), NOW)).toEqual([
      { type: "finish" },
    ]);
  });

  it.each([
    ["it was used within the timeout", { activeAt: NOW - 59_000 }, undefined],
    ["somebody works on it", {}, { reason: "a command", until: NOW + 1 }],
    ["the last work was over within the timeout", {}, { reason: "a command", until: NOW - 59_000 }],
    ["it never sleeps", { idleTimeoutSeconds: null }, undefined],
  ])("lets it run while %s, also when that began during the look", (_, over, work) => {
    expect(of(decide(at(over, work), NOW), "begin")).toEqual([]);
    const looked = aJob({ goal: "idle", step: 1 });
    expect(decide(at({ ...over, job: looked }, work), NOW)).toEqual([{ type: "finish" }]);
  });

  it("wakes up when the time has come, and no later than for its next check", () => {
    const view = at({ activeAt: NOW - 50_000, checkAt: NOW + 20_000 });
    expect(decide(view, NOW)).toEqual([{ type: "wait", until: NOW + 10_000 }]);
    const soon = { ...view, record: { ...view.record, checkAt: NOW + 5_000 } };
    expect(decide(soon, NOW)).toEqual([{ type: "wait", until: NOW + 5_000 }]);
  });

  it("gives a machine up that cannot be looked into, and lets it run", () => {
    expect(decide(at({ job: aJob({ goal: "idle", attempts: 3 }) }), NOW)).toEqual([{ type: "finish" }]);
    const failure = { code: "not_running", message: "off" };
    expect(decide(at({ job: aJob({ goal: "idle", failure }) }), NOW)).toEqual([{ type: "finish" }]);
  });
});

describe("lesson 15: a schedule", () => {
  const due = { wakeAt: NOW - 1 };
  const at = (state: State, machine: MachineState, over: object): View => ({
    state,
    since: 0,
    record: aRecord({ observed: { machine, vendorState: machine }, ...over }),
  });

  it("wakes what is suspended, once the account's limits allow it", () => {
    expect(decide(at("suspended", "suspended", due), NOW)).toEqual([{ type: "begin", goal: "rouse" }]);
    const permitted = aJob({ goal: "rouse", step: 1 });
    expect(decide(at("suspended", "suspended", { ...due, job: permitted }), NOW)).toEqual([
      { type: "finish" },
      { type: "rouse", reason: "its schedule" },
    ]);
    const failure = { code: "unsupported", message: "the budget is spent" };
    expect(
      decide(at("suspended", "suspended", { ...due, job: aJob({ goal: "rouse", failure }) }), NOW),
    ).toEqual([{ type: "finish" }, { type: "pass", missed: "the budget is spent" }]);
  });

  it("is waited for", () => {
    expect(decide(at("suspended", "suspended", { wakeAt: NOW + 5, cronAt: NOW + 9 }), NOW)).toEqual([
      { type: "wait", until: NOW + 5 },
    ]);
    const running = at("running", "started", { cronAt: NOW + 9, checkAt: NOW + 20 });
    expect(decide(running, NOW)).toContainEqual({ type: "wait", until: NOW + 9 });
  });

  it("has nothing to wake in what runs, and wakes nothing that was stopped or has failed", () => {
    expect(of(decide(at("running", "started", due), NOW), "pass")).toEqual([{ type: "pass" }]);
    for (const state of ["stopped", "error"] as const) {
      expect(decide(at(state, "stopped", due), NOW)).toEqual([
        { type: "pass", missed: `the instance was ${state}` },
      ]);
    }
  });

  it.each(["creating", "starting", "stopping", "suspending", "deleting", "deleted"] as const)(
    "has patience with one that is %s",
    (state) => {
      expect(decide(at(state, "started", due), NOW)).toEqual([]);
    },
  );
});
