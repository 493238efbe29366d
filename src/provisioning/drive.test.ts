import { expect, test } from "vitest";
import type { Directive } from "../instance/contract.ts";
import type { InstanceStub } from "../instance/stub.ts";
import type { ProviderName } from "../providers/provider.ts";
import { drive } from "./drive.ts";

test.each<[ProviderName, string]>([
  ["fly", "FLY_API_TOKEN"],
  ["hetzner", "HETZNER_API_TOKEN"],
  ["daytona", "DAYTONA_API_KEY"],
])(
  "a step at %s, which is not configured, is refused with the name of what is missing",
  async (provider, name) => {
    // Of both as much as a driver looks at before it knows that nobody can do the step.
    const step = {
      type: "step",
      step: "start",
      provider,
      fence: { goal: "running", generation: 1 },
      target: { instanceId: "cmp1" },
    } as unknown as Directive;
    const reported: unknown[] = [];
    const stub = {
      next: async () => step,
      report: async (...[, , , outcome]: Parameters<InstanceStub["report"]>): Promise<Directive> => {
        reported.push(outcome);
        return { type: "idle" };
      },
    } as unknown as InstanceStub;
    const deps = {
      provider: () => undefined,
      openRecipe: () => Promise.reject(new Error("not asked for")),
      permit: () => Promise.reject(new Error("not asked for")),
      now: () => 0,
      sleep: async () => {},
    };
    await drive(deps, stub, { driver: "d", budgetMs: 1_000, holdMs: 0 });
    expect(reported).toEqual([
      {
        type: "rejected",
        code: "unauthorized",
        message: `The provider "${provider}" is not configured.`,
        hint: expect.stringContaining(name),
      },
    ]);
  },
);
