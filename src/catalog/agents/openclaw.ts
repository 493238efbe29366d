import type { Agent, RecipeTemplate } from "../agent.ts";
import { EDGE_PROXIES } from "./edge-proxies.ts";

/**
 * OpenClaw refuses forwarded requests from proxies it was not told of, refuses browser WebSockets from unlisted origins,
 * and asks for a device approval per browser unless the proxy names the user. No variable sets any of that, so the
 * config file does: the edge's `X-Gentity-User` is the identity, and only the owner's is let in.
 *
 * Whoever reaches the machine around the edge could say the same of himself. OpenClaw checks no signature, so since the
 * second release it looks for the user in a header whose name only the edge knows. Not among `requiredHeaders`: of those it tells
 * everybody over the WebSocket which one is missing.
 */
export const openclaw: Agent = {
  id: "openclaw",
  name: "OpenClaw",
  description: "Local-first AI assistant gateway: chat, tools, channels and automations in one control page.",
  prefix: "op",
  size: { cpuKind: "shared", cpus: 2, memoryMb: 2048, volumeGb: 10 },
  models: [
    { provider: "anthropic", name: "claude-sonnet-4-6", label: "Claude Sonnet 4.6 (recommended)" },
    { provider: "anthropic", name: "claude-opus-5-5", label: "Claude Opus 5.5" },
    { provider: "anthropic", name: "claude-haiku-4-5", label: "Claude Haiku 4.5" },
    { provider: "openai", name: "gpt-5.4", label: "GPT-5.4" },
    { provider: "google", name: "gemini-3.1-pro-preview", label: "Gemini 3.1 Pro (preview)" },
    { provider: "deepseek", name: "deepseek-v4-pro", label: "DeepSeek V4 Pro" },
    { provider: "xai", name: "grok-4.7", label: "Grok 4.7" },
    { provider: "openrouter", name: "openrouter/auto", label: "OpenRouter Auto" },
  ],
  releases: [
    {
      release: "2026.9.6",
      publishedAt: "2026-09-24T00:00:00.000Z",
      image: { repository: "ghcr.io/openclaw/openclaw", tag: "2026.9.6", verification: "unverified" },
      recipe: gatewayRecipe("x-gentity-user"),
    },
    {
      release: "2026.9.6-2",
      publishedAt: "2026-11-21T00:00:00.000Z",
      image: { repository: "ghcr.io/openclaw/openclaw", tag: "2026.9.6", verification: "unverified" },
      recipe: gatewayRecipe("{{edgeUserHeader}}"),
    },
  ],
};

function gatewayRecipe(userHeader: string): RecipeTemplate {
  return {
    entrypoint: ["tini", "--"],
    command: ["node", "dist/index.js", "gateway", "--allow-unconfigured", "--bind", "lan", "--port", "18789"],
    workdir: "/app",
    user: { uid: 1000, gid: 1000 },
    dataPath: "/home/node/.openclaw",
    port: 18789,
    // Not /startupz: that one answers 403 to a proxy that is not trusted, which the vendor's health check is not.
    healthPath: "/healthz",
    providers: [
      { provider: "anthropic", keyEnv: "ANTHROPIC_API_KEY", model: "{{model.qualified}}" },
      { provider: "openai", keyEnv: "OPENAI_API_KEY", model: "{{model.qualified}}" },
      { provider: "google", keyEnv: "GEMINI_API_KEY", model: "{{model.qualified}}" },
      { provider: "openrouter", keyEnv: "OPENROUTER_API_KEY", model: "{{model.qualified}}" },
      { provider: "deepseek", keyEnv: "DEEPSEEK_API_KEY", model: "{{model.qualified}}" },
      { provider: "xai", keyEnv: "XAI_API_KEY", model: "{{model.qualified}}" },
    ],
    env: {
      HOME: "/home/node",
      OPENCLAW_STATE_DIR: "/home/node/.openclaw",
      OPENCLAW_DISABLE_BONJOUR: "1",
      OPENCLAW_NO_AUTO_UPDATE: "1",
      // Upstream's own advice for 2 GB machines.
      NODE_OPTIONS: "--max-old-space-size=1536",
    },
    files: [
      {
        path: "/home/node/.openclaw/openclaw.json",
        format: "json",
        firstBootOnly: true,
        mode: "0600",
        value: {
          gateway: {
            mode: "local",
            bind: "lan",
            port: 18789,
            trustedProxies: EDGE_PROXIES,
            auth: {
              mode: "trusted-proxy",
              trustedProxy: {
                userHeader,
                allowUsers: ["{{ownerId}}"],
                // In the local cloud, and behind a proxy on the machine, requests come from loopback.
                allowLoopback: true,
                deviceAutoApprove: {
                  enabled: true,
                  // Full admin: the machine has one owner, and the one user let in is that owner.
                  scopes: [
                    "operator.read",
                    "operator.write",
                    "operator.approvals",
                    "operator.questions",
                    "operator.admin",
                  ],
                },
              },
            },
            controlUi: { allowedOrigins: "{{origins}}" },
          },
          agents: { defaults: { model: { primary: "{{model}}" } } },
          update: { checkOnStart: false },
        },
      },
    ],
  };
}
