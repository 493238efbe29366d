import { describe, expect, it } from "vitest";
import type { Agent, ModelProvider, Release } from "./agent.ts";
import { currentRelease, findAgent } from "./catalog.ts";
import {
  findApiKeyProblem,
  findModelProblem,
  inferProvider,
  isModelNameWellFormed,
  isModelProvider,
  modelId,
} from "./models.ts";

function agentAndRelease(id: string): [Agent, Release] {
  const agent = findAgent(id);
  if (!agent) {
    throw new Error(`no agent ${id}`);
  }
  return [agent, currentRelease(agent)];
}

describe("the provider that a model's name implies", () => {
  it.each([
    ["claude-sonnet-4-5", "anthropic"],
    ["gpt-4o-mini", "openai"],
    ["o1-preview", "openai"],
    ["o3-mini", "openai"],
    ["gemini-3-pro", "google"],
    ["deepseek-chat", "deepseek"],
    ["grok-4", "xai"],
    ["openrouter/auto", "openrouter"],
    ["anthropic/claude-sonnet-4.5", "openrouter"],
    ["openai/gpt-4o", "openrouter"],
    // As the public command line has it: the prefix is looked at before the slash.
    ["deepseek/deepseek-chat", "deepseek"],
    ["llama", "openrouter"],
    ["", "openrouter"],
  ])("%s is %s", (name, provider) => {
    expect(inferProvider(name)).toBe(provider);
  });

  it("knows provider names and nothing that only looks like one", () => {
    expect(isModelProvider("xai")).toBe(true);
    expect(isModelProvider("toString")).toBe(false);
  });
});

describe("model names", () => {
  it.each([
    "sonnet",
    "claude-sonnet-4-5[1m]",
    "openrouter/anthropic/claude-sonnet-4.6",
    "qwen/qwen3-coder:free",
    "deepseek-ai/DeepSeek-R1",
    "gpt-4o@2024",
    "x".repeat(128),
  ])("takes %s", (name) => {
    expect(isModelNameWellFormed(name)).toBe(true);
  });

  it.each([
    "",
    " ",
    "a b",
    "a\n",
    "/a",
    "a/",
    "a//b",
    '"',
    "$(id)",
    "a;b",
    "-flag",
    "{{secret}}",
    "é",
    "x".repeat(129),
  ])("refuses %j", (name) => {
    expect(isModelNameWellFormed(name)).toBe(false);
  });

  it.each<[ModelProvider, string, string]>([
    ["anthropic", "claude-opus-5-5", "claude-opus-5-5"],
    ["anthropic", "anthropic/claude-opus-5-5", "claude-opus-5-5"],
    ["google", "gemini/gemini-2.5-pro", "gemini-2.5-pro"],
    ["google", "google/gemini-2.5-pro", "gemini-2.5-pro"],
    ["google", "gemini-2.5-pro", "gemini-2.5-pro"],
    ["deepseek", "deepseek/deepseek-chat", "deepseek-chat"],
    ["openrouter", "openrouter/auto", "openrouter/auto"],
    ["openrouter", "anthropic/claude-sonnet-4.6", "anthropic/claude-sonnet-4.6"],
    ["openrouter", "openrouter/anthropic/claude-sonnet-4.6", "anthropic/claude-sonnet-4.6"],
    ["openrouter", "openrouter/openrouter/auto", "openrouter/auto"],
  ])("to %s, %s is %s", (provider, name, id) => {
    expect(modelId({ provider, name })).toBe(id);
  });
});

describe("whether an agent takes a model", () => {
  it("takes any well-formed model of an accepted provider, suggested or not", () => {
    expect(
      findModelProblem(...agentAndRelease("aider"), { provider: "openai", name: "gpt-99" }),
    ).toBeUndefined();
  });

  it("names what it takes when the provider is another", () => {
    expect(findModelProblem(...agentAndRelease("claude-code"), { provider: "openai", name: "gpt-4o" })).toBe(
      'Claude Code does not take models of "openai". It takes: anthropic.',
    );
  });

  it("refuses a malformed name before anything else", () => {
    expect(findModelProblem(...agentAndRelease("aider"), { provider: "openai", name: "a b" })).toMatch(
      /^The model's name/,
    );
  });
});

describe("model keys", () => {
  it.each(["sk-ant-api03-abcdef", "abcd", "x".repeat(512)])("takes %j", (key) => {
    expect(findApiKeyProblem(key)).toBeUndefined();
  });

  it.each(["", "abc", "x".repeat(513), "sk-ant key", " sk-ant", "sk-ant\n", "sk-\u0000ant", "sk-ant-ключ"])(
    "refuses %j without repeating it",
    (key) => {
      const problem = findApiKeyProblem(key);
      expect(problem).toMatch(/^The model key /);
      expect(key.length > 3 && problem?.includes(key)).toBe(false);
    },
  );
});
