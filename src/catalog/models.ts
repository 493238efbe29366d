import { type Agent, MODEL_PROVIDERS, type ModelChoice, type ModelProvider, type Release } from "./agent.ts";

export function isModelProvider(text: string): text is ModelProvider {
  return MODEL_PROVIDERS.some((provider) => provider === text);
}

/** Prefixes before the slash: the public command line sends what these say, so `deepseek/…` is deepseek's. */
const BY_PREFIX: readonly (readonly [prefix: string, provider: ModelProvider])[] = [
  ["claude", "anthropic"],
  ["gpt", "openai"],
  ["o1", "openai"],
  ["o3", "openai"],
  ["gemini", "google"],
  ["deepseek", "deepseek"],
  ["grok", "xai"],
];

/** The provider that a model's name implies. OpenRouter routes whatever nobody else is known for. */
export function inferProvider(modelName: string): ModelProvider {
  return BY_PREFIX.find(([prefix]) => modelName.startsWith(prefix))?.[1] ?? "openrouter";
}

/** Letters, digits and `. _ : / @ + - [ ]`, as `claude-sonnet-4-5[1m]` or `qwen/qwen3:free` need; no empty path segment. */
export function isModelNameWellFormed(name: string): boolean {
  return name.length <= 128 && /^[A-Za-z0-9~][\w.:@+[\]-]*(?:\/[\w.:@+[\]-]+)*$/.test(name);
}

export function acceptedProviders(release: Release): ModelProvider[] {
  return release.recipe.providers.map((rule) => rule.provider);
}

export function acceptsProvider(release: Release, provider: string): provider is ModelProvider {
  return release.recipe.providers.some((rule) => rule.provider === provider);
}

/** Why an agent cannot run this model, as a sentence for a person; nothing if it can. */
export function findModelProblem(
  agent: Agent,
  release: Release,
  model: { provider: string; name: string },
): string | undefined {
  if (!isModelNameWellFormed(model.name)) {
    return "The model's name may hold letters, digits and . _ : / @ + - [ ], at most 128 of them.";
  }
  if (!acceptsProvider(release, model.provider)) {
    const accepted = acceptedProviders(release).join(", ");
    return `${agent.name} does not take models of "${model.provider}". It takes: ${accepted}.`;
  }
  return undefined;
}

const KEY_MIN = 4;
const KEY_MAX = 512;

/** Why this cannot be a model key, or nothing. Catches slips, not wrong keys; it never repeats any of the key. */
export function findApiKeyProblem(apiKey: string): string | undefined {
  if (apiKey === "") {
    return "The model key is empty.";
  }
  if (/[^\x21-\x7e]/.test(apiKey)) {
    return "The model key holds white space, control or non-ASCII characters; was something else pasted?";
  }
  if (apiKey.length < KEY_MIN || apiKey.length > KEY_MAX) {
    return `The model key must be ${KEY_MIN} to ${KEY_MAX} characters long.`;
  }
  return undefined;
}

/** What people put before a model's name besides the provider's own. */
const ALIASES: Partial<Record<ModelProvider, string>> = { google: "gemini" };

/** The model's id as its provider spells it: `anthropic/claude-opus-5-5` and `claude-opus-5-5` are one model there. */
export function modelId({ provider, name }: ModelChoice): string {
  if (provider === "openrouter") {
    // `openrouter/auto` is an id of its own; in `openrouter/author/slug` the first part only routes.
    return /^openrouter\/[^/]+\//.test(name) ? name.slice("openrouter/".length) : name;
  }
  const prefix = [provider, ALIASES[provider]].find((known) => known && name.startsWith(`${known}/`));
  return prefix ? name.slice(prefix.length + 1) : name;
}
