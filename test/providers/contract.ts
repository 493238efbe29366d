/**
 * What every provider must do, whoever the vendor is: one suite, run against the vendor's double. A provider's test file
 * says how its vendor is set up and broken; what has to hold is written here.
 */
import { describe, expect, it } from "vitest";
import type { Refs, Step, Target } from "../../src/providers/provider.ts";
import {
  before,
  DOWN,
  drive,
  driveAll,
  FULL,
  NOTHING,
  run,
  type Subject,
  stateOf,
  TRIES,
  type Traits,
  UP,
  type Write,
  wholeOf,
} from "./drive.ts";

type Get = () => Subject;

export function describeProvider(name: string, get: Get, traits: Traits = FULL): void {
  describe(`${name}: a life`, () => describeLife(get, traits));
  describe(`${name}: a power switch`, () => describePower(get, traits));
  describe(`${name}: answers that get lost`, () => describeLostAnswers(get, traits));
  describe(`${name}: every kind of outcome`, () => describeOutcomes(get, traits));
  describe(`${name}: what went wrong elsewhere`, () => describeLessons(get, traits));
  describe.runIf(traits.writes.includes("volume"))(`${name}: a volume`, () => describeVolume(get));
  describe(`${name}: removal`, () => describeRemoval(get, traits));
  describe(`${name}: the list`, () => describeList(get, traits));
}

function describeLife(get: Get, traits: Traits): void {
  it("makes one of each, however often it is asked with one key (lesson 12)", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const refs: Refs = { ...target.refs };
    target.refs = {};
    await driveAll(subject, UP, target);
    expect(target.refs).toEqual(refs);
    expect(await subject.count(target)).toEqual(wholeOf(traits));
  });

  it("makes one of each for two callers at once", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, ["place", "volume"], target);
    const both = await Promise.all([0, 1].map(() => drive(subject, "machine", target)));
    const ids = both.map((outcome) => (outcome.type === "ok" ? outcome.value.refs?.machine : outcome));
    expect(ids[0]).toEqual(ids[1]);
    expect(await subject.count(target)).toMatchObject({ machines: 1 });
  });

  it("tells ids before it waits for anything", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, ["place", "address", "volume"], target);
    const outcome = await subject.provider.run("machine", target, { holdMs: 0, recipe: subject.recipe() });
    expect(outcome).toMatchObject({ type: "ok", value: { refs: { machine: expect.any(String) } } });
  });

  it("is ready when the agent answers, not when the machine has booted", async () => {
    const subject = get();
    const target = subject.newTarget();
    const recipe = subject.servingRecipe();
    await driveAll(subject, UP, target, recipe);
    expect(await stateOf(subject, target)).toBe("started");
  });

  it.runIf(traits.serves)("is not ready while nobody answers", async () => {
    const subject = get();
    const target = subject.newTarget();
    const recipe = { ...subject.recipe(), port: 8099 };
    await driveAll(subject, ["place", "address", "volume", "machine", "boot"], target, recipe);
    expect(await run(subject, "ready", target, recipe)).toMatchObject({ type: "pending" });
  });

  it("says that a machine came up and ended, and with what code", async () => {
    const subject = get();
    const target = subject.newTarget({ exposure: "private" });
    const recipe = subject.recipe({ command: ["exit 3"] });
    await driveAll(subject, ["place", "volume", "machine"], target, recipe);
    let outcome = await drive(subject, "boot", target, recipe);
    // It was seen up between two crashes: the vendor tries a few times.
    for (let tries = 0; tries < TRIES && outcome.type === "ok"; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      outcome = await drive(subject, "boot", target, recipe);
    }
    expect(outcome).toMatchObject({
      type: "rejected",
      code: "exited",
      message: expect.stringContaining("exit code 3"),
    });
    expect(outcome).toMatchObject({ hint: expect.stringContaining("logs") });
    const observed = await drive(subject, "observe", target);
    expect(observed).toMatchObject({ value: { observed: { note: expect.stringContaining("exit code 3") } } });
  });
}

function describePower(get: Get, traits: Traits): void {
  it("stops and starts with its data, and tells since when", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    await subject.provider.exec(target, {
      command: ["sh", "-c", "echo kept >/data/file"],
      timeoutSeconds: 10,
    });
    const before = Date.now();
    await driveAll(subject, ["stop", "stop"], target);
    const stopped = await drive(subject, "observe", target);
    expect(stopped).toMatchObject({ value: { observed: { machine: "stopped" } } });
    const since = stopped.type === "ok" ? (stopped.value.observed?.since ?? 0) : 0;
    expect(since).toBeGreaterThanOrEqual(before - 1_000);
    await driveAll(subject, ["start", "boot", "start"], target);
    const read = await subject.provider.exec(target, { command: ["cat", "/data/file"], timeoutSeconds: 10 });
    expect(read).toMatchObject({ type: "ok", value: { exitCode: 0, stdout: "kept\n" } });
  });

  it.runIf(traits.suspends)("suspends and resumes with its processes", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const counted = async () => {
      const seen = await subject.provider.exec(target, { command: ["cat", "/tmp/pid"], timeoutSeconds: 10 });
      return seen.type === "ok" ? seen.value.stdout : seen;
    };
    await subject.provider.exec(target, {
      command: ["sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $! >/tmp/pid"],
      timeoutSeconds: 10,
    });
    const pid = await counted();
    await driveAll(subject, ["suspend", "suspend"], target);
    expect(await stateOf(subject, target)).toBe("suspended");
    await driveAll(subject, ["start", "boot"], target);
    expect(await counted()).toBe(pid);
    const alive = await subject.provider.exec(target, {
      command: ["sh", "-c", "kill -0 $(cat /tmp/pid)"],
      timeoutSeconds: 10,
    });
    expect(alive).toMatchObject({ value: { exitCode: 0 } });
  });

  it("says that nothing can be run in a machine that is off", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, [...UP, "stop"], target);
    const outcome = await subject.provider.exec(target, { command: ["true"], timeoutSeconds: 5 });
    expect(outcome).toMatchObject({ type: "rejected", code: "not_running" });
  });

  it.runIf(!traits.suspends)("says that it cannot suspend, and leaves the machine as it is", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const refused = { type: "rejected", code: "unsupported", hint: expect.stringMatching(/stop/i) };
    expect(await run(subject, "suspend", target)).toMatchObject(refused);
    expect(await stateOf(subject, target)).toBe("started");
    await driveAll(subject, ["stop", "suspend"], target);
  });

  it.runIf(traits.suspends)("does not suspend what the vendor cannot, and says why", async () => {
    const subject = get();
    const target = subject.newTarget({ spec: { cpuKind: "shared", cpus: 2, memoryMb: 4096, volumeGb: 1 } });
    expect(await run(subject, "suspend", target)).toMatchObject({
      type: "rejected",
      code: "unsupported",
      message: expect.stringContaining("4096 MB"),
    });
  });
}

function describeLostAnswers(get: Get, traits: Traits): void {
  const kinds = ["lost_answer", "error_after", "error_before"] as const;
  describe.each(kinds)("%s", (kind) => {
    it("at every write of a creation ends with one of each (lesson 12)", async () => {
      const subject = get();
      const target = subject.newTarget();
      for (const step of UP) {
        const write = traits.writes.find((candidate) => candidate === step);
        if (write !== undefined) {
          await subject.order({ kind, at: write });
          // Lost also means that nobody learns the id.
          expect(await run(subject, step, target, subject.recipe())).toMatchObject({ type: "unknown" });
        }
        expect(await drive(subject, step, target)).toMatchObject({ type: "ok" });
      }
      expect(await subject.count(target)).toEqual(wholeOf(traits));
      expect(await stateOf(subject, target)).toBe("started");
    });

    it("at every other write ends where it should", async () => {
      const subject = get();
      const target = subject.newTarget();
      await driveAll(subject, UP, target);
      for (const write of ["stop", "start", "unmachine", "unvolume", "unplace"] as const) {
        if (!traits.writes.includes(write)) continue;
        await subject.order({ kind, at: write });
        expect(await run(subject, write, target)).toMatchObject({ type: "unknown" });
        expect(await drive(subject, write, target)).toMatchObject({ type: "ok" });
        if (write === "start") await driveAll(subject, ["boot"], target);
      }
      await driveAll(subject, ["gone"], target);
      expect(await subject.count(target)).toEqual(NOTHING);
    });
  });
}

function describeOutcomes(get: Get, traits: Traits): void {
  const [first] = traits.writes;
  if (first === undefined) throw new Error("a vendor where nothing is made");

  it("takes a slow vendor for a slow vendor", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, before(first), target);
    await subject.order({ kind: "latency", at: first });
    expect(await run(subject, first, target, subject.recipe())).toMatchObject({ type: "ok" });
  });

  it("comes back when a rate limit says so", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, before(first), target);
    await subject.order({ kind: "rate_limit", at: first });
    const outcome = await run(subject, first, target, subject.recipe());
    expect(outcome).toMatchObject({ type: "retry", afterMs: 1_000 });
  });

  it("reads again what could not be read", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    await subject.order({ kind: "error_before", at: "observe" });
    expect(await run(subject, "observe", target)).toMatchObject({ type: "retry" });
    await subject.order({ kind: "lost_answer", at: "observe" });
    expect(await run(subject, "observe", target)).toMatchObject({ type: "retry" });
  });

  const roomy = (["volume", "machine"] as const).filter((step) => traits.writes.includes(step));
  it.each(roomy)("says that there is no room for a %s, and what helps", async (step) => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, before(step), target);
    await subject.order({ kind: "capacity", at: step });
    expect(await run(subject, step, target, subject.recipe())).toMatchObject({
      type: "rejected",
      code: "no_capacity",
      hint: expect.stringMatching(/region|size/),
    });
  });

  it("says that the vendor does not know us", async () => {
    const subject = get();
    const recipe = subject.recipe();
    const outcome = await subject.stranger.run(first, subject.newTarget(), { holdMs: 0, recipe });
    expect(outcome).toMatchObject({ type: "rejected", code: "unauthorized" });
    expect(await subject.stranger.list()).toMatchObject({ type: "rejected", code: "unauthorized" });
  });

  it("refuses what the vendor cannot name or size", async () => {
    const subject = get();
    const unnameable = subject.newTarget({ instanceId: "Not_A_Name" });
    expect(await run(subject, "place", unnameable)).toMatchObject({ code: "invalid_spec" });
    const huge = subject.newTarget({ spec: traits.impossible });
    await driveAll(subject, ["place", "volume"], huge);
    expect(await run(subject, "machine", huge, subject.recipe())).toMatchObject({ code: "invalid_spec" });
  });

  it("never repeats a secret of the recipe", async () => {
    const subject = get();
    const target = subject.newTarget();
    const recipe = subject.recipe({ env: { KEY: "sk-very-secret-value" } });
    const told: unknown[] = [];
    for (const kind of ["error_before", "capacity", "rate_limit"] as const) {
      await driveAll(subject, ["place", "volume"], target);
      await subject.order({ kind, at: "machine" });
      told.push(await run(subject, "machine", target, recipe));
    }
    expect(JSON.stringify(told)).not.toContain("sk-very-secret-value");
  });

  it("does not take over what is somebody else's", async () => {
    const subject = get();
    const target = subject.newTarget();
    await subject.squat(target);
    const { making, removing } = traits.squatted;
    const refused = { type: "rejected", code: "name_taken" };
    expect(await run(subject, making, target, subject.recipe())).toMatchObject(refused);
    expect(await run(subject, removing, target)).toMatchObject(refused);
  });
}

function describeLessons(get: Get, traits: Traits): void {
  it("lesson 5: a state nobody knows is an alarm and never running", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    await subject.order({ kind: "unknown_state", at: "observe" });
    const outcome = await run(subject, "observe", target);
    expect(outcome).toMatchObject({ value: { observed: { machine: "unknown", note: expect.any(String) } } });
    await subject.order({ kind: "unknown_state", at: "observe", count: 1_000 });
    expect(await run(subject, "boot", target)).toMatchObject({ type: "pending" });
    await subject.calm();
  });

  it("lesson 6: a machine whose id got lost is found by its name and removed", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    target.refs.machine = undefined;
    await driveAll(subject, DOWN, target);
    expect(await subject.count(target)).toEqual(NOTHING);
  });

  it("lesson 9: a 404 of the wrong thing is not a removal", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const { place, machine } = target.refs;
    const wrong: Refs = place === undefined ? { machine: `${machine}x` } : { place: `${place}x` };
    const lost: Target = { ...target, refs: { ...target.refs, ...wrong } };
    const outcome = await subject.provider.run("gone", lost, { holdMs: 0 });
    expect(outcome).toMatchObject({
      type: "pending",
      note: expect.stringContaining(machine ?? "?"),
    });
  });

  it("a machine that vanished is missing, and not made anew by a start", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, [...UP, "stop"], target);
    await subject.order({ kind: "vanish", at: "observe" });
    expect(await run(subject, "start", target)).toMatchObject({ type: "rejected", code: "missing" });
    expect(await run(subject, "stop", target)).toMatchObject({ type: "rejected", code: "missing" });
    expect(await subject.count(target)).toMatchObject({ machines: 0 });
    expect(await stateOf(subject, target)).toBe("absent");
  });

  it("a machine destroyed behind our back is made again on its volume when asked for", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const { machine, volume } = target.refs;
    await driveAll(subject, ["unmachine", "machine", "boot"], target);
    expect(target.refs.machine).not.toBe(machine);
    expect(target.refs.volume).toBe(volume);
    expect(await subject.count(target)).toEqual(wholeOf(traits));
  });
}

function describeVolume(get: Get): void {
  it("lesson 4: a start never makes an empty volume where the known one is missing", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, [...UP, "stop"], target);
    await subject.loseVolume(target);
    for (const step of ["start", "volume"] as const) {
      const outcome = await run(subject, step, target, subject.recipe());
      expect(outcome, step).toMatchObject({ type: "rejected", code: "missing", hint: expect.any(String) });
    }
    await driveAll(subject, ["unmachine"], target);
    target.refs.machine = undefined;
    expect(await run(subject, "machine", target, subject.recipe())).toMatchObject({ code: "missing" });
    expect(await subject.count(target)).toMatchObject({ machines: 0 });
  });

  it("lesson 4: a volume whose id got lost is found by its name", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const { volume } = target.refs;
    target.refs.volume = undefined;
    await driveAll(subject, ["volume"], target);
    expect(target.refs.volume).toBe(volume);
  });

  it("lesson 6: a machine whose id got lost is found by its name and removed before its volume", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const early = await subject.provider.run("unvolume", target, { holdMs: 0 });
    expect(early).toMatchObject({ type: "retry", cause: expect.stringMatching(/bound|attached|claimed/) });
    target.refs.machine = undefined;
    await driveAll(subject, DOWN, target);
    expect(await subject.count(target)).toEqual(NOTHING);
  });
}

function describeRemoval(get: Get, traits: Traits): void {
  it("counts what is absent as destroyed, at any time and again", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, DOWN, target);
    await driveAll(subject, UP, target);
    await driveAll(subject, [...DOWN, ...DOWN], target);
    expect(await subject.count(target)).toEqual(NOTHING);
  });

  it("is not over while the vendor still lists something", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    for (const step of DOWN.filter((candidate) => traits.writes.some((write) => write === candidate))) {
      expect(await run(subject, "gone", target)).toMatchObject({ type: "pending" });
      await driveAll(subject, [step], target);
    }
    await driveAll(subject, ["gone"], target);
  });

  it.each([["place"], ["place", "volume"], ["place", "volume", "machine"]] as Step[][])(
    "works from half a creation: %s %s %s",
    async (...steps) => {
      const subject = get();
      const target = subject.newTarget();
      await driveAll(subject, steps.filter(Boolean), target);
      target.refs = {};
      await driveAll(subject, DOWN, target);
      expect(await subject.count(target)).toEqual(NOTHING);
    },
  );
}

function describeList(get: Get, traits: Traits): void {
  it("returns everything we tagged, also what lacks a machine, and nothing else", async () => {
    const subject = get();
    const [whole, half, bare, squatted] = [0, 1, 2, 3].map(() => subject.newTarget());
    if (!whole || !half || !bare || !squatted) throw new Error("four targets");
    await driveAll(subject, UP, whole);
    await driveAll(subject, ["place", "volume"], half);
    await driveAll(subject, ["place"], bare);
    const list = await subject.provider.list();
    if (list.type !== "ok") throw new Error(JSON.stringify(list));
    const find = ({ instanceId }: Target) => list.value.filter((entry) => entry.instanceId === instanceId);
    expect(find(whole)).toMatchObject([{ refs: whole.refs, observed: { machine: "started" } }]);
    const leftOf = ({ refs }: Target, step: Write) =>
      traits.writes.includes(step) ? [{ refs, observed: { machine: "absent" } }] : [];
    expect(find(half)).toMatchObject(leftOf(half, "volume"));
    expect(find(bare)).toMatchObject(leftOf(bare, "place"));
    expect(find(squatted)).toEqual([]);
  });
}
