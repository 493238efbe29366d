import { defineConfig } from "vitest/config";
import { workerProjects } from "./test/worker/project.ts";

/** `unit` is pure and takes seconds; `cli` runs the command, `cloud` real machines; `object` and `system` run inside workerd; `e2e` starts the whole stack. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts"],
          exclude: ["src/localcloud/**", "src/cli/**"],
        },
      },
      {
        test: {
          name: "cli",
          include: ["src/cli/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "cloud",
          include: ["src/localcloud/**/*.test.ts", "test/providers/**/*.test.ts", "test/host/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      ...workerProjects,
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/edge/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
