import { describe, expect, it } from "vitest";
import type { Release } from "./agent.ts";
import { currentRelease, findAgent, listAgents } from "./catalog.ts";
import { findReleaseProblems } from "./check-release.ts";
import { ImageSchema, RecipeSchema, ReleaseNameSchema } from "./recipe-schema.ts";

const aider = findAgent("aider");
if (!aider) {
  throw new Error("no aider");
}
const current = currentRelease(aider);
const withRecipe = (over: object): Release => ({ ...current, recipe: { ...current.recipe, ...over } });

it("takes every recipe that ships", () => {
  for (const agent of listAgents()) {
    for (const release of agent.releases) {
      expect(RecipeSchema.parse(release.recipe)).toEqual(release.recipe);
      expect(ReleaseNameSchema.parse(release.release)).toBe(release.release);
      expect(findReleaseProblems(agent, release)).toEqual([]);
    }
  }
});

describe("a recipe", () => {
  it.each<[string, object, RegExp]>([
    ["a misspelt field", { entryPoint: ["x"] }, /entryPoint/],
    ["a relative data path", { dataPath: "workspace" }, /absolute/],
    ["a way out", { dataPath: "/a/../../etc" }, /absolute/],
    ["no port", { port: 0 }, /1/],
    ["no provider", { providers: [] }, /1/],
    ["a provider nobody knows", { providers: [{ provider: "x", keyEnv: "K", model: "m" }] }, /anthropic/],
    ["a variable that is none", { env: { "A=B": "1" } }, /variable/],
    [
      "an octal that is none",
      { files: [{ path: "/a", format: "json", value: {}, firstBootOnly: true, mode: "600" }] },
      /octal/,
    ],
    [
      "a null in a file",
      { files: [{ path: "/a", format: "json", value: { a: [null] }, firstBootOnly: true }] },
      /null/,
    ],
  ])("with %s is refused", (_, over, problem) => {
    const result = RecipeSchema.safeParse({ ...current.recipe, ...over });
    expect(result.error?.message).toMatch(problem);
  });
});

describe("an image", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  it.each(["docker.io/a/b", "ghcr.io/openclaw/openclaw", "localhost:5000/a/b-c_d.e"])(
    "may be %s",
    (repository) => {
      expect(ImageSchema.safeParse({ repository, tag: "v1", digest }).success).toBe(true);
    },
  );

  it.each([
    ["a repository with a tag", { repository: "docker.io/a/b:1" }],
    ["a repository with a digest", { repository: `docker.io/a/b@${digest}` }],
    ["a repository without a registry", { repository: "aider" }],
    ["capitals", { repository: "docker.io/A/b" }],
    ["no digest", { digest: undefined }],
    ["a short digest", { digest: digest.slice(0, -1) }],
    ["a digest in capitals", { digest: digest.toUpperCase() }],
    ["another hash", { digest: `sha512:${"0a".repeat(32)}` }],
  ])("may not have %s", (_, over) => {
    const image = { repository: "docker.io/a/b", tag: "v1", digest, ...over };
    expect(ImageSchema.safeParse(image).success).toBe(false);
  });
});

describe("a release of the right shape is still refused", () => {
  it("when it uses a placeholder that does not exist, for each provider", () => {
    const problems = findReleaseProblems(aider, withRecipe({ env: { A: "{{nobody}}" } }));
    expect(problems).toHaveLength(current.recipe.providers.length);
    expect(problems[0]?.problem).toContain("{{nobody}}");
  });

  it("when it no longer takes what the catalog suggests", () => {
    const providers = current.recipe.providers.filter(({ provider }) => provider !== "deepseek");
    expect(findReleaseProblems(aider, withRecipe({ providers }))).toEqual([
      { field: "recipe.providers", problem: expect.stringContaining("deepseek") },
    ]);
  });

  it("when it names a provider twice", () => {
    const providers = [...current.recipe.providers, ...current.recipe.providers.slice(0, 1)];
    expect(findReleaseProblems(aider, withRecipe({ providers }))[0]?.problem).toContain("twice");
  });
});
