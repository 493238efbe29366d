import { describe, expect, it } from "vitest";
import { currentRelease, findAgent, findRelease, imageRef, listAgents } from "./catalog.ts";
import { findModelProblem } from "./models.ts";
import { DEFAULT_REGION, findRegionProblem, isRegion } from "./regions.ts";

describe("the catalog", () => {
  it("ships the five agents", () => {
    expect(listAgents().map((agent) => [agent.id, agent.prefix])).toEqual([
      ["openclaw", "op"],
      ["hermes", "he"],
      ["aider", "ai"],
      ["claude-code", "cl"],
      ["browser-use", "br"],
    ]);
  });

  it("gives each the volume that was promised", () => {
    expect(Object.fromEntries(listAgents().map((agent) => [agent.id, agent.size.volumeGb]))).toEqual({
      openclaw: 10,
      hermes: 10,
      aider: 5,
      "claude-code": 5,
      "browser-use": 10,
    });
  });

  it("is plain data, so that a release can be stored and published as JSON", () => {
    expect(JSON.parse(JSON.stringify(listAgents()))).toEqual(listAgents());
  });

  it("finds agents and releases by name, and nothing by another", () => {
    const agent = findAgent("openclaw");
    expect(agent && findRelease(agent, "2026.9.6-2")).toBe(agent && currentRelease(agent));
    expect(agent && findRelease(agent, "latest")).toBeUndefined();
    expect(findAgent("toString")).toBeUndefined();
  });

  describe.each(listAgents())("$id", (agent) => {
    it("accepts every model it suggests", () => {
      expect(agent.models.length).toBeGreaterThan(0);
      for (const model of agent.models) {
        expect(findModelProblem(agent, currentRelease(agent), model)).toBeUndefined();
      }
    });

    it("keeps its data path and files absolute", () => {
      for (const { recipe } of agent.releases) {
        for (const path of [recipe.dataPath, recipe.healthPath, ...recipe.files.map((file) => file.path)]) {
          expect(path).toMatch(/^\//);
        }
      }
    });

    it("never calls a tag verified", () => {
      for (const { image } of agent.releases) {
        expect(image.verification).toBe(image.digest ? "digest" : "unverified");
      }
    });
  });

  it("names an image by its digest where one is known", () => {
    const agent = findAgent("openclaw");
    const release = agent && currentRelease(agent);
    if (!release) {
      throw new Error("no release");
    }
    expect(imageRef(release)).toBe("ghcr.io/openclaw/openclaw:2026.9.6");
    const digest = `sha256:${"0".repeat(64)}`;
    expect(imageRef({ ...release, image: { ...release.image, digest, verification: "digest" } })).toBe(
      `ghcr.io/openclaw/openclaw@${digest}`,
    );
  });
});

describe("regions", () => {
  it("offers its default", () => {
    expect(isRegion(DEFAULT_REGION)).toBe(true);
    expect(findRegionProblem("iad")).toBeUndefined();
  });

  it.each([
    ["sea", /closed by Fly; the nearest is "sjc"\. Offered: ams, .*yyz\.$/],
    ["hkg", /closed by Fly; the nearest is "sin"\. Offered: ams, /],
    ["constructor", /^There is no region "constructor"\. Offered: ams, /],
  ])("says what is offered instead of %s", (region, problem) => {
    expect(findRegionProblem(region)).toMatch(problem);
  });
});
