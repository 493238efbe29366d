import { describe, expect, it } from "vitest";
import { judge } from "../../instance/intents.ts";
import type { View } from "../../instance/record.ts";
import { STATES, type State } from "../../instance/states.ts";
import { type LIFECYCLE, offeredActions } from "./lifecycle.ts";

const SIZE = { cpuKind: "shared", cpus: 1, memoryMb: 1024, volumeGb: 1 } as const;
const placed = { provider: "fly", exposure: "public", spec: SIZE } as const;

const verdict = (state: State, machine: string | null, intent: (typeof LIFECYCLE)[number]) =>
  judge({ state, since: 0, record: { refs: machine === null ? {} : { machine } } } as unknown as View, intent)
    .type;

describe("what is offered", () => {
  it.each(STATES.flatMap((state) => [null, "m1"].map((machine) => [state, machine] as const)))(
    "in state %s with machine %s is what the object accepts",
    (state, machine) => {
      for (const action of offeredActions({ ...placed, state, machine })) {
        expect(verdict(state, machine, action)).toBe("accepted");
      }
    },
  );

  it("is a suspend only where machines can be frozen", () => {
    const running = { ...placed, state: "running", machine: "m1" };
    expect(offeredActions(running)).toContain("suspend");
    expect(offeredActions({ ...running, provider: "hetzner" })).not.toContain("suspend");
    expect(offeredActions({ ...running, spec: { ...SIZE, memoryMb: 4096 } })).not.toContain("suspend");
  });
});
