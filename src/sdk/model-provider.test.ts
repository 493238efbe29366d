import { expect, test } from "vitest";
import { modelProviderOf } from "./model-provider.ts";

test.each([
  ["claude-sonnet-5-5", "anthropic"],
  ["gpt-4o-mini", "openai"],
  ["o1-pro", "openai"],
  ["o3", "openai"],
  ["gemini-3-pro", "google"],
  ["deepseek-chat", "deepseek"],
  ["grok-4.7", "xai"],
  ["openrouter/auto", "openrouter"],
  ["anthropic/claude-sonnet-4.6", "openrouter"],
  ["deepseek/deepseek-chat", "openrouter"],
  ["llama-4", "openrouter"],
])("%s is served by %s", (model, provider) => {
  expect(modelProviderOf(model)).toBe(provider);
});
