import type { Agent } from "../agent.ts";

/**
 * The web page takes its model from a hard-coded list and offers the first entry. Putting the instance's model first is
 * the only way to have it preselected.
 */
const PREFER_MODEL_PATCH = [
  "import os as _os",
  '_p, _m = _os.getenv("DEFAULT_LLM"), _os.getenv("PREFER_MODEL")',
  "if _p and _m:",
  "    model_names[_p] = [_m] + [n for n in model_names.get(_p, []) if n != _m]",
].join("\n");

/** The page writes below /app, which a restart throws away; what it should keep goes to the volume. */
const SERVE = [
  "set -e",
  "mkdir -p /data/tmp /data/profile",
  "rm -rf /app/tmp",
  "ln -s /data/tmp /app/tmp",
  'grep -q PREFER_MODEL /app/src/utils/config.py || printf "\\n%s\\n" "$PREFER_MODEL_PATCH" >> /app/src/utils/config.py',
  "exec /usr/bin/supervisord -c /etc/supervisor/conf.d/supervisord.conf",
].join("\n");

/**
 * The web UI is a project of its own, unmaintained since August 2025; the library it drives has no page. It signs nobody
 * in. The tag is its main branch: the workflow names others, none of which could be checked, so pin a digest.
 *
 * Doubtful, because it was not run: that the image runs as root, the path of its supervisor's config, and OpenRouter,
 * which it does not know by name but which speaks OpenAI's protocol.
 */
export const browserUse: Agent = {
  id: "browser-use",
  name: "browser-use",
  description: "Drives a real browser: give it a task, watch it click, read and fill in forms.",
  prefix: "br",
  size: { cpuKind: "shared", cpus: 2, memoryMb: 4096, volumeGb: 10 },
  models: [
    { provider: "anthropic", name: "claude-sonnet-4-6", label: "Claude Sonnet 4.6 (recommended)" },
    { provider: "anthropic", name: "claude-haiku-4-5", label: "Claude Haiku 4.5" },
    { provider: "openai", name: "gpt-4o", label: "GPT-4o" },
    { provider: "google", name: "gemini-3-pro", label: "Gemini 3 Pro" },
    { provider: "deepseek", name: "deepseek-chat", label: "DeepSeek Chat" },
    { provider: "openrouter", name: "openrouter/auto", label: "OpenRouter Auto" },
  ],
  releases: [
    {
      release: "2025.8.31",
      publishedAt: "2025-08-31T00:00:00.000Z",
      image: { repository: "ghcr.io/browser-use/web-ui", tag: "main", verification: "unverified" },
      recipe: {
        entrypoint: ["/bin/sh", "-c"],
        command: [SERVE],
        workdir: "/app",
        dataPath: "/data",
        port: 7788,
        healthPath: "/",
        providers: [
          { provider: "anthropic", keyEnv: "ANTHROPIC_API_KEY", model: "{{model.id}}" },
          { provider: "openai", keyEnv: "OPENAI_API_KEY", model: "{{model.id}}" },
          { provider: "google", keyEnv: "GOOGLE_API_KEY", model: "{{model.id}}" },
          {
            provider: "deepseek",
            keyEnv: "DEEPSEEK_API_KEY",
            model: "{{model.id}}",
            env: { DEEPSEEK_ENDPOINT: "https://api.deepseek.com" },
          },
          { provider: "xai", slug: "grok", keyEnv: "GROK_API_KEY", model: "{{model.id}}" },
          {
            provider: "openrouter",
            slug: "openai",
            keyEnv: "OPENAI_API_KEY",
            model: "{{model.id}}",
            env: { OPENAI_ENDPOINT: "https://openrouter.ai/api/v1" },
          },
        ],
        env: {
          DEFAULT_LLM: "{{model.provider}}",
          PREFER_MODEL: "{{model}}",
          PREFER_MODEL_PATCH,
          // VNC looks at the first eight characters only. The image's default is public knowledge.
          VNC_PASSWORD: "{{secret}}",
          // The supervisor's config interpolates these three, so they must exist.
          RESOLUTION: "1920x1080x24",
          RESOLUTION_WIDTH: "1920",
          RESOLUTION_HEIGHT: "1080",
          BROWSER_USER_DATA: "/data/profile",
          KEEP_BROWSER_OPEN: "true",
          ANONYMIZED_TELEMETRY: "false",
        },
        files: [],
      },
    },
  ],
};
