import type { Agent, ModelProvider, Release } from "./agent.ts";
import { acceptedProviders, acceptsProvider } from "./models.ts";
import { renderRecipe } from "./render.ts";

export interface ReleaseProblem {
  field: string;
  problem: string;
}

/** What is wrong with a release that has the right shape; empty when instances could be made of it. */
export function findReleaseProblems(agent: Agent, release: Release): ReleaseProblem[] {
  const providers = acceptedProviders(release);
  const problems: ReleaseProblem[] = [];
  if (new Set(providers).size < providers.length) {
    problems.push({ field: "recipe.providers", problem: "names a provider twice" });
  }
  const missing = new Set(
    agent.models.filter((model) => !acceptsProvider(release, model.provider)).map((model) => model.provider),
  );
  for (const provider of missing) {
    const problem = `takes no models of ${provider}, which the catalog suggests for ${agent.id}`;
    problems.push({ field: "recipe.providers", problem });
  }
  for (const provider of new Set(providers)) {
    const problem = findRenderProblem(agent, release, provider);
    if (problem !== undefined) {
      problems.push({ field: "recipe", problem: `does not render for ${provider}: ${problem}` });
    }
  }
  return problems;
}

/** Fills the recipe in for a made-up instance, since only that finds a placeholder that does not exist. */
function findRenderProblem(agent: Agent, release: Release, provider: ModelProvider): string | undefined {
  try {
    renderRecipe({
      release,
      model: { provider, name: agent.models.find((model) => model.provider === provider)?.name ?? "model" },
      apiKey: "sk-of-nobody-0123456789abcdef",
      env: {},
      publicUrl: "https://xx-x7k2m9q4.example.com",
      originHosts: ["xx.example.com"],
      ownerId: "acc_nobody",
      subdomain: "xx-x7k2m9q4",
      secret: "s3cr3ts3cr3ts3cr3ts3cr3t",
      edgeUserHeader: "x-gentity-proof-0",
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
