import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { madeModulesVitePlugin } from "../../src/dev/made-modules.ts";

const root = join(import.meta.dirname, "../..");

/** The bindings of wrangler.toml without its consumers, which cannot be taken out of it again. */
const WITHOUT_CONSUMERS = {
  compatibilityDate: "2026-10-20",
  compatibilityFlags: ["nodejs_compat"],
  d1Databases: ["DB"],
  durableObjects: {
    INSTANCES: { className: "InstanceObject", useSQLite: true },
    ACCOUNTS: { className: "AccountObject", useSQLite: true },
    HOSTS: { className: "HostObject", useSQLite: true },
  },
  queueProducers: {
    FLY_QUEUE: "gentity-fly",
    HETZNER_QUEUE: "gentity-hetzner",
    DAYTONA_QUEUE: "gentity-daytona",
  },
};

/**
 * Tests inside workerd: the real Worker, D1, objects and queues, with the real Fly client speaking to the local cloud.
 * `object` drives objects and batches by hand, so nothing consumes its queues; `system` runs as it is deployed.
 */
function workerProject(name: string, options: { consumesQueues: boolean }) {
  return {
    // As tsconfig.json says it to the compiler.
    oxc: { jsx: { runtime: "automatic" as const, importSource: "hono/jsx" } },
    plugins: [
      madeModulesVitePlugin,
      cloudflareTest(async ({ inject }) => ({
        main: join(root, "src/index.ts"),
        ...(options.consumesQueues ? { wrangler: { configPath: join(root, "wrangler.toml") } } : {}),
        miniflare: {
          ...(options.consumesQueues ? {} : WITHOUT_CONSUMERS),
          bindings: {
            BASE_DOMAIN: "gentity.test",
            API_HOSTS: "localhost",
            PUBLIC_ORIGIN: "https://gentity.test",
            SEALING_KEYS: `test:${btoa("x".repeat(32))}`,
            AUDIT_SIGNING_KEYS: `new:${"n".repeat(42)}A,old:${"o".repeat(42)}A`,
            EDGE_SIGNING_KEYS: `edge:${"e".repeat(42)}A`,
            ADMIN_TOKEN: "operator-of-the-tests",
            FLY_API_TOKEN: "local",
            FLY_API_URL: inject<string>("cloudUrl"),
            FLY_LOGS_URL: inject<string>("cloudUrl"),
            FLY_APP_URL: inject<string>("proxyUrl"),
            DEFAULT_PROVIDER: "fly",
            HETZNER_API_TOKEN: "local",
            HETZNER_API_URL: inject<string>("hetznerUrl"),
            CLOUDFLARE_API_TOKEN: "local",
            CLOUDFLARE_API_URL: inject<string>("cloudflareUrl"),
            CLOUDFLARE_ACCOUNT_ID: "a".repeat(32),
            CLOUDFLARE_ZONE_ID: "b".repeat(32),
            TUNNEL_ORIGIN_URL: `${inject<string>("tunnelUrl")}/{host}`,
            OIDC_ISSUER: inject<string>("openidUrl"),
            OIDC_CLIENT_ID: "gentity",
            OIDC_CLIENT_SECRET: "local",
            OIDC_ALLOW: "*",
            HOST_SECRET: "host-secret-of-the-tests",
            TEST_MIGRATIONS: await readD1Migrations(join(root, "migrations")),
          },
        },
      })),
    ],
    test: {
      name,
      include: [`test/worker/${name}/**/*.test.ts`],
      globalSetup: [join(root, "test/worker/global-setup.ts")],
      setupFiles: [join(root, "test/worker/setup.ts")],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  };
}

export const workerProjects = [
  workerProject("object", { consumesQueues: false }),
  workerProject("system", { consumesQueues: true }),
];
