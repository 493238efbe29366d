import { join } from "node:path";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";

const root = join(import.meta.dirname, "../..");

/** Tests inside workerd: the real Worker, D1, objects and queues, with the real Fly client speaking to the local cloud. */
export const worker = {
  plugins: [
    cloudflareTest(async ({ inject }) => ({
      main: join(root, "src/index.ts"),
      wrangler: { configPath: join(root, "wrangler.toml") },
      miniflare: {
        bindings: {
          BASE_DOMAIN: "gentity.test",
          API_HOSTS: "localhost",
          PUBLIC_ORIGIN: "https://gentity.test",
          SEALING_KEYS: `test:${btoa("x".repeat(32))}`,
          FLY_API_TOKEN: "local",
          FLY_API_URL: inject<string>("cloudUrl"),
          FLY_LOGS_URL: inject<string>("cloudUrl"),
          FLY_APP_URL: inject<string>("proxyUrl"),
          TEST_MIGRATIONS: await readD1Migrations(join(root, "migrations")),
        },
      },
    })),
  ],
  test: {
    name: "worker",
    include: ["test/worker/**/*.test.ts"],
    globalSetup: [join(root, "test/worker/global-setup.ts")],
    setupFiles: [join(root, "test/worker/setup.ts")],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};
