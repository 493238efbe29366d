import { describe, expect, it } from "vitest";
import { judge } from "../../instance/intents.ts";
import type { View } from "../../instance/record.ts";
import { STATES, type State } from "../../instance/states.ts";
import { type LIFECYCLE, offeredActions } from "./lifecycle.ts";

const verdict = (state: State, machine: string | null, intent: (typeof LIFECYCLE)[number]) =>
  judge({ state, since: 0, record: { refs: machine === null ? {} : { machine } } } as unknown as View, intent)
    .type;

describe("what is offered", () => {
  it.each(STATES.flatMap((state) => [null, "m1"].map((machine) => [state, machine] as const)))(
    "in state %s with machine %s is what the object accepts",
    (state, machine) => {
      for (const action of offeredActions({ state, machine, provider: "fly" })) {
        expect(verdict(state, machine, action)).toBe("accepted");
      }
    },
  );

  it("is a suspend only where machines can be frozen", () => {
    const running = { state: "running", machine: "m1" };
    expect(offeredActions({ ...running, provider: "fly" })).toContain("suspend");
    expect(offeredActions({ ...running, provider: "hetzner" })).not.toContain("suspend");
  });
});
