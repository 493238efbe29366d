import { describe, expect, it } from "vitest";
import { CreateProgress } from "../../../../src/dashboard/instances/progress.tsx";

const session = { formToken: "token" };
const made = (over: object) => {
  const instance = {
    id: "cmp1",
    subdomain: "ai-secret",
    state: "creating",
    progress: null,
    problem: null,
    ...over,
  };
  return String(CreateProgress({ instance: instance as never, session }) ?? "");
};
const stages = (html: string) =>
  [...html.matchAll(/<li class="(\w+)"[^>]*><strong>(\w+)/g)].map(([, how, name]) => `${name} ${how}`);

describe("the progress of a create", () => {
  it("says what is done, what is being done and what is to come", () => {
    const html = made({ step: "machine", progress: "making the machine (try 2): no capacity" });
    expect(stages(html)).toEqual([
      "Network done",
      "Volume done",
      "Machine doing",
      "Boot due",
      "Reachable due",
    ]);
    expect(html).toContain("Making the machine (try 2): no capacity…");
    expect(html.match(/aria-current="step"/g)).toHaveLength(1);
  });

  it("begins with the first where nothing is known", () => {
    expect(stages(made({})).at(0)).toBe("Network doing");
  });

  it("loads itself again where nothing else follows it, and only while it goes on", () => {
    const reload = '<noscript><meta http-equiv="refresh" content="3"></noscript>';
    expect(made({})).toContain(reload);
    expect(made({ state: "error", machine: null })).not.toContain("refresh");
  });

  it("says why it failed and what to do, without the address", () => {
    const problem = { code: "x", message: "ai-secret found no room in iad", hint: "Try another region." };
    const html = made({ state: "error", machine: null, problem });
    expect(html).toContain("cmp1 found no room in iad");
    expect(html).toContain("Try another region.");
    expect(html).toContain("/dashboard/instances/new?like=cmp1");
    expect(html).not.toContain("ai-secret");
    expect(stages(html).every((stage) => stage.endsWith("due"))).toBe(true);
  });

  it("is over once it runs, and is not told of what failed later", () => {
    expect(made({ state: "running" })).toBe("");
    expect(made({ state: "error", machine: "m1" })).toBe("");
  });
});
