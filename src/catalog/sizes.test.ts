import { describe, expect, it } from "vitest";
import type { MachineSpec } from "../providers/provider.ts";
import { listAgents } from "./catalog.ts";
import { findSizeProblems } from "./sizes.ts";

const SIZE: MachineSpec = { cpuKind: "shared", cpus: 2, memoryMb: 2048, volumeGb: 10 };

describe("sizes", () => {
  it.each(listAgents().map((agent) => [agent.id, agent.size] as const))("takes %s's own", (_, size) => {
    expect(findSizeProblems(size)).toEqual([]);
  });

  it.each<Partial<MachineSpec>>([
    { cpus: 1, memoryMb: 256 },
    { cpus: 8, memoryMb: 16384 },
    { cpuKind: "performance", cpus: 2, memoryMb: 4096 },
    { cpuKind: "performance", cpus: 16, memoryMb: 131072 },
    { volumeGb: 1 },
    { volumeGb: 500 },
  ])("takes %j", (change) => {
    expect(findSizeProblems({ ...SIZE, ...change })).toEqual([]);
  });

  it.each<[Partial<MachineSpec>, string[]]>([
    [{ cpus: 3 }, ["cpus must be one of 1, 2, 4, 6, 8 for shared, not 3."]],
    [{ cpus: 10 }, ["cpus must be one of 1, 2, 4, 6, 8 for shared, not 10."]],
    [{ memoryMb: 256 }, ["memoryMb must be 512 to 4096 with 2 shared cpus, not 256."]],
    [{ cpus: 1, memoryMb: 4096 }, ["memoryMb must be 256 to 2048 with 1 shared cpu, not 4096."]],
    [{ memoryMb: 1000 }, ["memoryMb must be a multiple of 256, not 1000."]],
    [{ cpuKind: "performance" }, ["memoryMb must be 4096 to 16384 with 2 performance cpus, not 2048."]],
    [{ volumeGb: 0 }, ["volumeGb must be a whole number from 1 to 500, not 0."]],
    [{ volumeGb: 1.5 }, ["volumeGb must be a whole number from 1 to 500, not 1.5."]],
    [{ volumeGb: 501 }, ["volumeGb must be a whole number from 1 to 500, not 501."]],
    [
      { memoryMb: Number.NaN },
      [
        "memoryMb must be 512 to 4096 with 2 shared cpus, not NaN.",
        "memoryMb must be a multiple of 256, not NaN.",
      ],
    ],
  ])("refuses %j", (change, problems) => {
    expect(findSizeProblems({ ...SIZE, ...change })).toEqual(problems);
  });

  it("names every problem at once", () => {
    expect(findSizeProblems({ cpuKind: "shared", cpus: 0, memoryMb: 1, volumeGb: -1 })).toHaveLength(3);
  });

  it("refuses a kind of cpu that is only a name of the table's prototype", () => {
    const size = { ...SIZE, cpuKind: "constructor" as MachineSpec["cpuKind"] };
    expect(findSizeProblems(size)).toEqual(['cpuKind must be shared or performance, not "constructor".']);
  });
});
