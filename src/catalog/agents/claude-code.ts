import type { Agent } from "../agent.ts";

/**
 * Claude Code is a terminal program without an image or an HTTP surface of its own. ttyd serves it on the web, and one
 * tmux session that all tabs attach to keeps the work going when the tab is closed.
 *
 * The image must be built (`claude-code.dockerfile` beside this file says how) and pushed to the organization's own
 * registry: Fly lets only the organization's machines pull from `registry.fly.io/<its app>`, so nobody else can put
 * another image under the name. An operator publishes the result as a release with its digest.
 */
export const claudeCode: Agent = {
  id: "claude-code",
  name: "Claude Code",
  description: "Anthropic's coding agent in a web terminal, in a session that survives a closed tab.",
  prefix: "cl",
  size: { cpuKind: "shared", cpus: 1, memoryMb: 2048, volumeGb: 5 },
  models: [
    { provider: "anthropic", name: "claude-sonnet-5-5", label: "Claude Sonnet 5.5 (recommended)" },
    { provider: "anthropic", name: "claude-opus-5-5", label: "Claude Opus 5.5" },
    { provider: "anthropic", name: "claude-sonnet-4-6", label: "Claude Sonnet 4.6" },
    { provider: "anthropic", name: "claude-opus-4-6", label: "Claude Opus 4.6" },
    { provider: "anthropic", name: "claude-haiku-4-5", label: "Claude Haiku 4.5" },
    { provider: "anthropic", name: "claude-sonnet-4-5", label: "Claude Sonnet 4.5 (retires 2026-11-30)" },
  ],
  releases: [
    {
      release: "2.1.329",
      publishedAt: "2026-11-19T00:00:00.000Z",
      image: {
        repository: "registry.fly.io/gentity-claude-code",
        tag: "2.1.329",
        verification: "unverified",
      },
      recipe: {
        entrypoint: ["tini", "--"],
        command: [
          "ttyd",
          "--writable",
          "--port",
          "7681",
          "--cwd",
          "/workspace",
          "--max-clients",
          "20",
          "tmux",
          "new-session",
          "-A",
          "-s",
          "main",
          "claude",
        ],
        workdir: "/workspace",
        user: { uid: 1000, gid: 1000 },
        dataPath: "/workspace",
        port: 7681,
        // ttyd has no health path.
        healthPath: "/",
        providers: [{ provider: "anthropic", keyEnv: "ANTHROPIC_API_KEY", model: "{{model.id}}" }],
        env: {
          HOME: "/home/node",
          LANG: "C.UTF-8",
          ANTHROPIC_MODEL: "{{model}}",
          // On the volume, or transcripts and logins would vanish when the machine is replaced.
          CLAUDE_CONFIG_DIR: "/workspace/.claude",
          DISABLE_AUTOUPDATER: "1",
        },
        files: [
          {
            // Unseeded, the first start walks through onboarding, asks about key and folder, and exits where it cannot.
            path: "/workspace/.claude/.claude.json",
            format: "json",
            firstBootOnly: true,
            mode: "0600",
            value: {
              hasCompletedOnboarding: true,
              theme: "dark",
              customApiKeyResponses: { approved: ["{{apiKey.tail}}"], rejected: [] },
              projects: { "/workspace": { hasTrustDialogAccepted: true } },
            },
          },
        ],
      },
    },
  ],
};
