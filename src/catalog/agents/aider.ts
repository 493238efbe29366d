import type { Agent } from "../agent.ts";

/** Works only inside a git repository, and only as the image's user; a fresh volume has neither yet. */
const SERVE =
  "cd /workspace && (git rev-parse --git-dir >/dev/null 2>&1 || git init) && exec /venv/bin/aider --browser";

export const aider: Agent = {
  id: "aider",
  name: "Aider",
  description: "Pair-programming agent: edits the code in a git repository and commits as it goes.",
  prefix: "ai",
  size: { cpuKind: "shared", cpus: 1, memoryMb: 2048, volumeGb: 5 },
  models: [
    { provider: "anthropic", name: "claude-sonnet-4-6", label: "Claude Sonnet 4.6 (recommended)" },
    { provider: "anthropic", name: "claude-haiku-4-5", label: "Claude Haiku 4.5" },
    { provider: "anthropic", name: "claude-opus-4-6", label: "Claude Opus 4.6" },
    { provider: "openai", name: "gpt-4o", label: "GPT-4o" },
    { provider: "google", name: "gemini-2.5-pro", label: "Gemini 2.5 Pro" },
    { provider: "deepseek", name: "deepseek-chat", label: "DeepSeek Chat" },
    { provider: "openrouter", name: "openrouter/auto", label: "OpenRouter Auto" },
  ],
  releases: [
    {
      release: "0.86.2",
      publishedAt: "2026-05-22T00:00:00.000Z",
      image: { repository: "docker.io/paulgauthier/aider-full", tag: "v0.86.2", verification: "unverified" },
      recipe: {
        // The image's entrypoint is aider itself, which could not prepare the repository.
        entrypoint: ["/bin/sh", "-c"],
        command: [SERVE],
        workdir: "/workspace",
        user: { uid: 1000, gid: 1000 },
        dataPath: "/workspace",
        port: 8501,
        healthPath: "/_stcore/health",
        providers: [
          { provider: "anthropic", keyEnv: "ANTHROPIC_API_KEY", model: "anthropic/{{model.id}}" },
          { provider: "openai", keyEnv: "OPENAI_API_KEY", model: "openai/{{model.id}}" },
          { provider: "google", keyEnv: "GEMINI_API_KEY", model: "gemini/{{model.id}}" },
          // OpenRouter's own models repeat the prefix: openrouter/openrouter/auto.
          { provider: "openrouter", keyEnv: "OPENROUTER_API_KEY", model: "openrouter/{{model.id}}" },
          { provider: "deepseek", keyEnv: "DEEPSEEK_API_KEY", model: "deepseek/{{model.id}}" },
          { provider: "xai", keyEnv: "XAI_API_KEY", model: "xai/{{model.id}}" },
        ],
        env: {
          HOME: "/workspace",
          AIDER_MODEL: "{{model}}",
          AIDER_YES_ALWAYS: "true",
          AIDER_CHECK_UPDATE: "false",
          AIDER_ANALYTICS_DISABLE: "true",
          GIT_AUTHOR_NAME: "Aider",
          GIT_AUTHOR_EMAIL: "aider@localhost",
          GIT_COMMITTER_NAME: "Aider",
          GIT_COMMITTER_EMAIL: "aider@localhost",
          STREAMLIT_SERVER_ADDRESS: "0.0.0.0",
          STREAMLIT_SERVER_PORT: "8501",
          STREAMLIT_SERVER_HEADLESS: "true",
          STREAMLIT_BROWSER_GATHER_USAGE_STATS: "false",
        },
        files: [],
      },
    },
  ],
};
