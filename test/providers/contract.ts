/**
 * What every provider must do, whoever the vendor is: one suite, run against the vendor's double. A provider's test file
 * says how its vendor is set up and broken; what has to hold is written here.
 */
import { describe, expect, it } from "vitest";
import type { Refs, Step, Target } from "../../src/providers/provider.ts";
import {
  before,
  DOWN,
  doesWrite,
  drive,
  driveAll,
  NOTHING,
  run,
  type Subject,
  stateOf,
  TRIES,
  UP,
  WRITES,
  type Write,
  wholeOf,
} from "./drive.ts";

type Get = () => Subject;

export function describeProvider(name: string, get: Get): void {
  describe(`${name}: a life`, () => describeLife(get));
  describe(`${name}: a power switch`, () => describePower(get));
  describe(`${name}: answers that get lost`, () => describeLostAnswers(get));
  describe(`${name}: every kind of outcome`, () => describeOutcomes(get));
  describe(`${name}: what went wrong elsewhere`, () => describeLessons(get));
  describe(`${name}: removal`, () => describeRemoval(get));
  describe(`${name}: the list`, () => describeList(get));
}

function describeLife(get: Get): void {
  it("makes one of each, however often it is asked with one key (lesson 12)", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const refs: Refs = { ...target.refs };
    target.refs = {};
    await driveAll(subject, UP, target);
    expect(target.refs).toEqual(refs);
    expect(await subject.count(target)).toEqual(wholeOf(subject));
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
    const ask = () => subject.provider.run("machine", target, { holdMs: 0, recipe: subject.recipe() });
    let outcome = await ask();
    // What it needs may still be in the making; the machine's own making is not waited for.
    for (let tries = 0; tries < TRIES && outcome.type === "pending"; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      outcome = await ask();
    }
    expect(outcome).toMatchObject({ type: "ok", value: { refs: { machine: expect.any(String) } } });
  });

  it("is ready when the agent answers, not when the machine has booted", async () => {
    const subject = get();
    const target = subject.newTarget();
    const recipe = subject.servingRecipe();
    await driveAll(subject, UP, target, recipe);
    expect(await stateOf(subject, target)).toBe("started");
  });

  it("is not ready while nobody answers", async ({ skip }) => {
    const subject = get();
    skip(subject.traits.serves === false, "this vendor serves no pages");
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

function describePower(get: Get): void {
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

  it("suspends and resumes with its processes, where the vendor can", async ({ skip }) => {
    const subject = get();
    skip(!subject.traits.suspends, "this vendor suspends nothing");
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

  it("does not suspend what the vendor cannot, and says why", async () => {
    const subject = get();
    const { target: more, because } = subject.traits.unsuspendable;
    const target = subject.newTarget(more);
    await driveAll(subject, UP, target);
    expect(await run(subject, "suspend", target)).toMatchObject({
      type: "rejected",
      code: "unsupported",
      message: expect.stringContaining(because),
      hint: expect.stringContaining("Stop"),
    });
  });
}

/** A write whose answer is lost leaves one not knowing, unless one looks at once and sees that it was done. */
const UNSURE = ["unknown", "ok"];

function describeLostAnswers(get: Get): void {
  const kinds = ["lost_answer", "error_after", "error_before"] as const;
  describe.each(kinds)("%s", (kind) => {
    it("at every write of a creation ends with one of each (lesson 12)", async () => {
      const subject = get();
      const target = subject.newTarget();
      for (const step of UP) {
        const write = WRITES.find((candidate) => candidate === step);
        if (write !== undefined && doesWrite(subject, write)) {
          await subject.order({ kind, at: write });
          // Lost also means that nobody learns the id.
          expect(UNSURE).toContain((await run(subject, step, target, subject.recipe())).type);
        }
        expect(await drive(subject, step, target)).toMatchObject({ type: "ok" });
      }
      expect(await subject.count(target)).toEqual(wholeOf(subject));
      expect(await stateOf(subject, target)).toBe("started");
    });

    it("at every other write ends where it should", async () => {
      const subject = get();
      const target = subject.newTarget();
      await driveAll(subject, UP, target);
      for (const write of ["stop", "start", "unmachine", "unvolume", "unplace"] as const) {
        if (!doesWrite(subject, write)) continue;
        await subject.order({ kind, at: write });
        expect(UNSURE).toContain((await run(subject, write, target)).type);
        expect(await drive(subject, write, target)).toMatchObject({ type: "ok" });
        if (write === "start") await driveAll(subject, ["boot"], target);
      }
      await driveAll(subject, ["gone"], target);
      expect(await subject.count(target)).toEqual(NOTHING);
    });
  });
}

/** The first step that writes, and a target for which all before it are done. */
async function first(subject: Subject): Promise<{ step: Write; target: Target }> {
  const step = WRITES.find((write) => doesWrite(subject, write));
  if (step === undefined) throw new Error("a vendor where nothing is made");
  const target = subject.newTarget();
  await driveAll(subject, before(step), target);
  return { step, target };
}

function describeOutcomes(get: Get): void {
  it("takes a slow vendor for a slow vendor", async () => {
    const subject = get();
    const { step, target } = await first(subject);
    await subject.order({ kind: "latency", at: step });
    expect(await run(subject, step, target, subject.recipe())).toMatchObject({ type: "ok" });
  });

  it("comes back when a rate limit says so", async () => {
    const subject = get();
    const { step, target } = await first(subject);
    await subject.order({ kind: "rate_limit", at: step });
    const outcome = await run(subject, step, target, subject.recipe());
    expect(outcome).toMatchObject({ type: "retry", afterMs: expect.any(Number) });
    expect(outcome.type === "retry" && outcome.afterMs).toBeGreaterThanOrEqual(1_000);
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

  it.for(["volume", "machine"] as const)(
    "says that there is no room for a %s, and what helps",
    async (step, { skip }) => {
      const subject = get();
      skip(!doesWrite(subject, step), `this vendor makes no ${step}`);
      const target = subject.newTarget();
      await driveAll(subject, before(step), target);
      // However many other sizes and places are tried.
      await subject.order({ kind: "capacity", at: step, count: 100 });
      const outcome = await run(subject, step, target, subject.recipe());
      await subject.calm();
      expect(outcome).toMatchObject({
        type: "rejected",
        code: "no_capacity",
        hint: expect.stringMatching(/region|size/),
      });
    },
  );

  it("says that the vendor does not know us", async () => {
    const subject = get();
    const { step, target } = await first(subject);
    const outcome = await subject.stranger.run(step, target, { holdMs: 0, recipe: subject.recipe() });
    expect(outcome).toMatchObject({ type: "rejected", code: "unauthorized" });
    expect(await subject.stranger.list()).toMatchObject({ type: "rejected", code: "unauthorized" });
  });

  it("refuses what the vendor cannot name or size", async () => {
    const subject = get();
    const unnameable = subject.newTarget({ instanceId: "Not_A_Name" });
    expect(await run(subject, "place", unnameable)).toMatchObject({ code: "invalid_spec" });
    const odd = subject.newTarget({ spec: subject.traits.unsizable });
    await driveAll(subject, ["place"], odd);
    const volume = await drive(subject, "volume", odd);
    // Whoever knows the size at the volume already need not wait for the machine to say so.
    const outcome = volume.type === "ok" ? await run(subject, "machine", odd, subject.recipe()) : volume;
    expect(outcome).toMatchObject({ type: "rejected", code: "invalid_spec" });
  });

  it("never repeats a secret of the recipe", async () => {
    const subject = get();
    const target = subject.newTarget();
    const recipe = subject.recipe({ env: { KEY: "sk-very-secret-value" } });
    const told: unknown[] = [];
    for (const kind of ["error_before", "capacity", "rate_limit"] as const) {
      await driveAll(subject, ["place", "volume"], target);
      await subject.order({ kind, at: "machine", count: 100 });
      told.push(await run(subject, "machine", target, recipe));
      await subject.calm();
    }
    expect(told).not.toContainEqual(expect.objectContaining({ type: "ok" }));
    expect(JSON.stringify(told)).not.toContain("sk-very-secret-value");
  });

  it("does not take over what is somebody else's", async () => {
    const subject = get();
    const target = subject.newTarget();
    const { make, remove } = await subject.squat(target);
    expect(await run(subject, make, target, subject.recipe())).toMatchObject({
      type: "rejected",
      code: "name_taken",
    });
    expect(await run(subject, remove, target)).toMatchObject({ type: "rejected", code: "name_taken" });
  });
}

function describeLessons(get: Get): void {
  it("lesson 4: a start never makes an empty volume where the known one is missing", async ({ skip }) => {
    const subject = get();
    skip(!doesWrite(subject, "volume"), "this vendor makes no volumes");
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

  it("lesson 4: a volume whose id got lost is found by its name", async ({ skip }) => {
    const subject = get();
    skip(!doesWrite(subject, "volume"), "this vendor makes no volumes");
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const { volume } = target.refs;
    target.refs.volume = undefined;
    await driveAll(subject, ["volume"], target);
    expect(target.refs.volume).toBe(volume);
  });

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

  it("lesson 6: a machine whose id got lost is found by its name and removed before its volume", async () => {
    const subject = get();
    const target = subject.newTarget();
    await driveAll(subject, UP, target);
    const early = await subject.provider.run("unvolume", target, { holdMs: 0 });
    const claimed = { type: "retry", cause: expect.stringMatching(/bound|attached|claimed/) };
    expect(early).toMatchObject(doesWrite(subject, "unvolume") ? claimed : { type: "ok" });
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
    expect(await subject.count(target)).toEqual(wholeOf(subject));
  });
}

function describeRemoval(get: Get): void {
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
    for (const step of DOWN.filter((candidate) => doesWrite(subject, candidate))) {
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

function describeList(get: Get): void {
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
    const leftOf = ({ refs }: Target, step: Step) =>
      doesWrite(subject, step) ? [{ refs, observed: { machine: "absent" } }] : [];
    expect(find(half)).toMatchObject(leftOf(half, "volume"));
    expect(find(bare)).toMatchObject(leftOf(bare, "place"));
    expect(find(squatted)).toEqual([]);
  });
}
