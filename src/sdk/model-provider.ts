/** Vendors of models whose keys an instance can be given. */
export type ModelProvider = "anthropic" | "openai" | "google" | "deepseek" | "xai" | "openrouter";

const BY_NAME: readonly [RegExp, ModelProvider][] = [
  // First, because OpenRouter names others' models with their vendor in front: `deepseek/deepseek-chat`.
  [/\//, "openrouter"],
  [/^claude/i, "anthropic"],
  [/^(gpt|o1|o3)/i, "openai"],
  [/^gemini/i, "google"],
  [/^deepseek/i, "deepseek"],
  [/^grok/i, "xai"],
];

/** The provider a model's name implies; OpenRouter, which resells most of them, where it implies none. */
export function modelProviderOf(modelName: string): ModelProvider {
  return BY_NAME.find(([pattern]) => pattern.test(modelName))?.[1] ?? "openrouter";
}
