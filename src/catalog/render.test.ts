import { describe, expect, it } from "vitest";
import { currentRelease, findAgent, listAgents } from "./catalog.ts";
import { allowedOrigins, type RenderInput, renderRecipe } from "./render.ts";

const KEY = "sk-ant-api03-0123456789abcdefghij";
const PROXIES = ["127.0.0.1", "::1", "172.16.0.0/12", "fdaa::/16"];

function inputFor(id: string, change: Partial<RenderInput> = {}): RenderInput {
  const agent = findAgent(id);
  if (!agent) {
    throw new Error(`no agent ${id}`);
  }
  return {
    release: currentRelease(agent),
    model: { provider: "anthropic", name: "claude-sonnet-4-6" },
    apiKey: KEY,
    env: {},
    publicUrl: "https://xx-x7k2m9q4.gentity.ai",
    originHosts: ["gentity-cmp1.fly.dev"],
    ownerId: "acc_1",
    subdomain: "xx-x7k2m9q4",
    secret: "s3cr3ts3cr3ts3cr3ts3cr3t",
    edgeUserHeader: "x-gentity-proof-0",
    ...change,
  };
}

const ORIGINS = [
  "https://xx-x7k2m9q4.gentity.ai",
  "https://gentity-cmp1.fly.dev",
  "http://gentity-cmp1.fly.dev",
];

/** What every machine is told about itself. */
function about(release: string, model = "anthropic/claude-sonnet-4-6"): Record<string, string> {
  return { GENTITY_RELEASE: release, GENTITY_MODEL: model };
}

it("renders openclaw, which trusts exactly the edge and its owner", () => {
  const { files, ...rest } = renderRecipe(inputFor("openclaw"));
  expect(rest).toEqual({
    image: "ghcr.io/openclaw/openclaw:2026.9.6",
    entrypoint: ["tini", "--"],
    command: ["node", "dist/index.js", "gateway", "--allow-unconfigured", "--bind", "lan", "--port", "18789"],
    workdir: "/app",
    user: { uid: 1000, gid: 1000 },
    dataPath: "/home/node/.openclaw",
    port: 18789,
    healthPath: "/healthz",
    env: {
      ...about("2026.9.6-2"),
      HOME: "/home/node",
      OPENCLAW_STATE_DIR: "/home/node/.openclaw",
      OPENCLAW_DISABLE_BONJOUR: "1",
      OPENCLAW_NO_AUTO_UPDATE: "1",
      NODE_OPTIONS: "--max-old-space-size=1536",
      ANTHROPIC_API_KEY: KEY,
    },
  });
  expect(files.map(({ content, ...file }) => ({ ...file, content: JSON.parse(content) }))).toEqual([
    {
      path: "/home/node/.openclaw/openclaw.json",
      firstBootOnly: true,
      mode: "0600",
      content: {
        gateway: {
          mode: "local",
          bind: "lan",
          port: 18789,
          trustedProxies: PROXIES,
          auth: {
            mode: "trusted-proxy",
            trustedProxy: {
              userHeader: "x-gentity-proof-0",
              allowUsers: ["acc_1"],
              allowLoopback: true,
              deviceAutoApprove: {
                enabled: true,
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
          controlUi: { allowedOrigins: ORIGINS },
        },
        agents: { defaults: { model: { primary: "anthropic/claude-sonnet-4-6" } } },
        update: { checkOnStart: false },
      },
    },
  ]);
});

it("renders openclaw's older release as it was", () => {
  const release = findAgent("openclaw")?.releases[0];
  const [config] = renderRecipe(inputFor("openclaw", { release })).files;
  expect(JSON.parse(config?.content ?? "{}").gateway.auth.trustedProxy.userHeader).toBe("x-gentity-user");
});

it("renders hermes with its dashboard in the foreground and a password of the instance's own", () => {
  const model = { provider: "openrouter", name: "anthropic/claude-sonnet-4.6" } as const;
  expect(renderRecipe(inputFor("hermes", { model }))).toEqual({
    image: "docker.io/nousresearch/hermes-agent:0.22.2",
    entrypoint: ["/opt/hermes/docker/entrypoint-dispatch.sh"],
    command: ["dashboard", "--host", "0.0.0.0", "--port", "9119", "--no-open"],
    dataPath: "/opt/data",
    port: 9119,
    healthPath: "/api/status",
    env: {
      ...about("0.22.2", "openrouter/anthropic/claude-sonnet-4.6"),
      HERMES_INFERENCE_PROVIDER: "openrouter",
      HERMES_DASHBOARD_HOST: "0.0.0.0",
      HERMES_DASHBOARD_PORT: "9119",
      HERMES_DASHBOARD_PUBLIC_URL: "https://xx-x7k2m9q4.gentity.ai",
      HERMES_DASHBOARD_BASIC_AUTH_USERNAME: "owner",
      HERMES_DASHBOARD_BASIC_AUTH_PASSWORD: "s3cr3ts3cr3ts3cr3ts3cr3t",
      HERMES_DASHBOARD_BASIC_AUTH_SECRET: "s3cr3ts3cr3ts3cr3ts3cr3t-sessions",
      OPENROUTER_API_KEY: KEY,
    },
    files: [
      {
        path: "/opt/data/config.yaml",
        firstBootOnly: true,
        content: [
          "model:",
          '  provider: "openrouter"',
          '  default: "anthropic/claude-sonnet-4.6"',
          "dashboard:",
          '  public_url: "https://xx-x7k2m9q4.gentity.ai"',
          '  trusted_proxies: ["127.0.0.1","::1","172.16.0.0/12","fdaa::/16"]',
          "",
        ].join("\n"),
      },
    ],
  });
});

it("renders aider as a Streamlit server in a git repository on the volume", () => {
  expect(renderRecipe(inputFor("aider"))).toEqual({
    image: "docker.io/paulgauthier/aider-full:v0.86.2",
    entrypoint: ["/bin/sh", "-c"],
    command: [
      "cd /workspace && (git rev-parse --git-dir >/dev/null 2>&1 || git init) && exec /venv/bin/aider --browser",
    ],
    workdir: "/workspace",
    user: { uid: 1000, gid: 1000 },
    dataPath: "/workspace",
    port: 8501,
    healthPath: "/_stcore/health",
    env: {
      ...about("0.86.2"),
      HOME: "/workspace",
      AIDER_MODEL: "anthropic/claude-sonnet-4-6",
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
      ANTHROPIC_API_KEY: KEY,
    },
    files: [],
  });
});

it("renders claude-code with its first run answered and its config on the volume", () => {
  const { files, ...rest } = renderRecipe(inputFor("claude-code"));
  expect(rest).toEqual({
    image: "registry.fly.io/gentity-claude-code:2.1.329",
    entrypoint: ["tini", "--"],
    command: [
      ...["ttyd", "--writable", "--port", "7681", "--cwd", "/workspace", "--max-clients", "20"],
      ...["tmux", "new-session", "-A", "-s", "main", "claude"],
    ],
    workdir: "/workspace",
    user: { uid: 1000, gid: 1000 },
    dataPath: "/workspace",
    port: 7681,
    healthPath: "/",
    env: {
      ...about("2.1.329"),
      HOME: "/home/node",
      LANG: "C.UTF-8",
      ANTHROPIC_MODEL: "claude-sonnet-4-6",
      CLAUDE_CONFIG_DIR: "/workspace/.claude",
      DISABLE_AUTOUPDATER: "1",
      ANTHROPIC_API_KEY: KEY,
    },
  });
  expect(files.map(({ content, ...file }) => ({ ...file, content: JSON.parse(content) }))).toEqual([
    {
      path: "/workspace/.claude/.claude.json",
      firstBootOnly: true,
      mode: "0600",
      content: {
        hasCompletedOnboarding: true,
        theme: "dark",
        customApiKeyResponses: { approved: ["0123456789abcdefghij"], rejected: [] },
        projects: { "/workspace": { hasTrustDialogAccepted: true } },
      },
    },
  ]);
});

it("renders browser-use with the chosen model first and without the image's public VNC password", () => {
  const { command, env, ...rest } = renderRecipe(inputFor("browser-use"));
  expect(rest).toEqual({
    image: "ghcr.io/browser-use/web-ui:main",
    entrypoint: ["/bin/sh", "-c"],
    workdir: "/app",
    dataPath: "/data",
    port: 7788,
    healthPath: "/",
    files: [],
  });
  expect(command?.[0]).toMatch(
    /^set -e\n.*\nexec \/usr\/bin\/supervisord -c \/etc\/supervisor\/conf.d\/supervisord.conf$/s,
  );
  const { PREFER_MODEL_PATCH, ...others } = env;
  expect(PREFER_MODEL_PATCH).toContain("model_names[_p] = [_m]");
  expect(others).toEqual({
    ...about("2025.8.31"),
    DEFAULT_LLM: "anthropic",
    PREFER_MODEL: "claude-sonnet-4-6",
    VNC_PASSWORD: "s3cr3ts3cr3ts3cr3ts3cr3t",
    RESOLUTION: "1920x1080x24",
    RESOLUTION_WIDTH: "1920",
    RESOLUTION_HEIGHT: "1080",
    BROWSER_USER_DATA: "/data/profile",
    KEEP_BROWSER_OPEN: "true",
    ANONYMIZED_TELEMETRY: "false",
    ANTHROPIC_API_KEY: KEY,
  });
});

describe("how each agent is told of its model", () => {
  it.each([
    ["openclaw", "openrouter", "openrouter/auto", "OPENROUTER_API_KEY", '"primary": "openrouter/auto"'],
    ["openclaw", "openrouter", "x/y", "OPENROUTER_API_KEY", '"primary": "openrouter/x/y"'],
    ["openclaw", "google", "gemini-3-pro", "GEMINI_API_KEY", '"primary": "google/gemini-3-pro"'],
    ["hermes", "openai", "gpt-5.4", "OPENAI_API_KEY", 'provider: "custom"'],
    ["aider", "openrouter", "openrouter/auto", "OPENROUTER_API_KEY", '"openrouter/openrouter/auto"'],
    ["aider", "google", "gemini/gemini-2.5-pro", "GEMINI_API_KEY", '"gemini/gemini-2.5-pro"'],
    ["browser-use", "xai", "grok-3", "GROK_API_KEY", '"DEFAULT_LLM":"grok"'],
    [
      "browser-use",
      "openrouter",
      "x/y",
      "OPENAI_API_KEY",
      '"OPENAI_ENDPOINT":"https://openrouter.ai/api/v1"',
    ],
  ] as const)("%s with %s's %s", (id, provider, name, keyEnv, told) => {
    const recipe = renderRecipe(inputFor(id, { model: { provider, name } }));
    expect(recipe.env[keyEnv]).toBe(KEY);
    expect([JSON.stringify(recipe.env), ...recipe.files.map((file) => file.content)].join("\n")).toContain(
      told,
    );
  });

  it("refuses a provider that the release does not take", () => {
    const model = { provider: "openai", name: "gpt-4o" } as const;
    expect(() => renderRecipe(inputFor("claude-code", { model }))).toThrow(/takes no openai/);
  });
});

describe("what an owner passes in", () => {
  it("lets the owner's env win over the recipe's, but not over the model key", () => {
    const env = { NODE_OPTIONS: "--max-old-space-size=512", ANTHROPIC_API_KEY: "other", EXTRA: "{{secret}}" };
    expect(renderRecipe(inputFor("openclaw", { env })).env).toMatchObject({
      NODE_OPTIONS: "--max-old-space-size=512",
      ANTHROPIC_API_KEY: KEY,
      EXTRA: "{{secret}}",
    });
  });

  it.each(listAgents().map((agent) => agent.id))("leaves no placeholder in %s", (id) => {
    const model = listAgents().find((agent) => agent.id === id)?.models[0];
    expect(JSON.stringify(renderRecipe(inputFor(id, model && { model })))).not.toContain("{{");
  });

  it("cannot break out of a config file, whatever the values hold", () => {
    const hostile = 'x"\n}, {{secret}} : [';
    const [openclaw] = renderRecipe(inputFor("openclaw", { ownerId: hostile })).files;
    expect(JSON.parse(openclaw?.content ?? "").gateway.auth.trustedProxy.allowUsers).toEqual([hostile]);
    const model = { provider: "openrouter", name: hostile } as const;
    const [hermes] = renderRecipe(inputFor("hermes", { model })).files;
    expect(hermes?.content).toContain(`  default: ${JSON.stringify(hostile)}\n`);
  });

  it("takes hosts and origins alike, once each", () => {
    expect(allowedOrigins("http://a.localhost:8787/", ["http://127.0.0.1:9/x", "a.localhost:8787"])).toEqual([
      "http://a.localhost:8787",
      "http://127.0.0.1:9",
      "https://a.localhost:8787",
    ]);
  });
});
