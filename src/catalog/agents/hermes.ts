import type { Agent } from "../agent.ts";
import { EDGE_PROXIES } from "./edge-proxies.ts";

/**
 * Hermes' supervisor must be process 1, which it is not on a Fly Machine; without it `HERMES_DASHBOARD=1` starts nothing.
 * So the dashboard itself is the command, in the foreground. That leaves out the messaging gateway and its schedules.
 *
 * Beyond loopback the dashboard refuses to start without a way to sign in, so its password provider is configured with a
 * secret of the instance's own. The owner reads it with `exec <id> -- printenv HERMES_DASHBOARD_BASIC_AUTH_PASSWORD`, or
 * sets another by naming that variable in the instance's env, which wins. Upstream would rather see OpenID Connect here.
 *
 * Doubtful, because no Hermes was run: the image's tag; that a bind to 0.0.0.0 accepts any Host (so its source says); that
 * the WebSocket's Origin, which the edge rewrites to the upstream's, passes the same check; `custom` as the name of the
 * provider for OpenAI's own API.
 */
export const hermes: Agent = {
  id: "hermes",
  name: "Hermes",
  description: "Self-improving agent by Nous Research with memory, skills, schedules and a web dashboard.",
  prefix: "he",
  size: { cpuKind: "shared", cpus: 2, memoryMb: 4096, volumeGb: 10 },
  models: [
    { provider: "openrouter", name: "openrouter/auto", label: "OpenRouter Auto (recommended)" },
    { provider: "openrouter", name: "anthropic/claude-sonnet-4.6", label: "Claude Sonnet 4.6 (OpenRouter)" },
    { provider: "openrouter", name: "deepseek/deepseek-chat", label: "DeepSeek Chat (OpenRouter)" },
    { provider: "anthropic", name: "claude-sonnet-4-6", label: "Claude Sonnet 4.6" },
    { provider: "anthropic", name: "claude-opus-4-6", label: "Claude Opus 4.6" },
    { provider: "google", name: "gemini-3.1-pro-preview", label: "Gemini 3.1 Pro (preview)" },
  ],
  releases: [
    {
      release: "0.22.2",
      publishedAt: "2026-11-01T00:00:00.000Z",
      image: {
        repository: "docker.io/nousresearch/hermes-agent",
        tag: "0.22.2",
        verification: "unverified",
      },
      recipe: {
        // The image's own: it prepares the volume as root and drops to its user. Named, because files to write put a boot
        // step in its place.
        entrypoint: ["/opt/hermes/docker/entrypoint-dispatch.sh"],
        command: ["dashboard", "--host", "0.0.0.0", "--port", "9119", "--no-open"],
        dataPath: "/opt/data",
        port: 9119,
        healthPath: "/api/status",
        providers: [
          { provider: "openrouter", keyEnv: "OPENROUTER_API_KEY", model: "{{model.id}}" },
          { provider: "anthropic", keyEnv: "ANTHROPIC_API_KEY", model: "{{model.id}}" },
          { provider: "google", keyEnv: "GOOGLE_API_KEY", model: "{{model.id}}" },
          { provider: "deepseek", keyEnv: "DEEPSEEK_API_KEY", model: "{{model.id}}" },
          { provider: "xai", keyEnv: "XAI_API_KEY", model: "{{model.id}}" },
          {
            provider: "openai",
            keyEnv: "OPENAI_API_KEY",
            slug: "custom",
            model: "{{model.id}}",
            env: { OPENAI_BASE_URL: "https://api.openai.com/v1" },
          },
        ],
        env: {
          HERMES_INFERENCE_PROVIDER: "{{model.provider}}",
          HERMES_DASHBOARD_HOST: "0.0.0.0",
          HERMES_DASHBOARD_PORT: "9119",
          HERMES_DASHBOARD_PUBLIC_URL: "{{publicUrl}}",
          HERMES_DASHBOARD_BASIC_AUTH_USERNAME: "owner",
          HERMES_DASHBOARD_BASIC_AUTH_PASSWORD: "{{secret}}",
          HERMES_DASHBOARD_BASIC_AUTH_SECRET: "{{secret}}-sessions",
        },
        files: [
          {
            path: "/opt/data/config.yaml",
            format: "yaml",
            firstBootOnly: true,
            value: {
              model: { provider: "{{model.provider}}", default: "{{model}}" },
              dashboard: { public_url: "{{publicUrl}}", trusted_proxies: EDGE_PROXIES },
            },
          },
        ],
      },
    },
  ],
};
