import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { workerProjects } from "./test/worker/project.ts";

/** Most tests wait for machines most of the time: one worker less than there are cores would leave the cores idle. */
const maxWorkers = Math.max(2, availableParallelism());

/** `unit` is pure and takes seconds; `cli` runs the command, `cloud` real machines; `object` and `system` run inside workerd; `e2e` starts the whole stack. */
export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts"],
          exclude: ["src/localcloud/**", "src/cli/**"],
          // Pure tests leave nothing behind for the next file.
          isolate: false,
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
          include: ["e2e", "edge", "browser", "docs"].map((folder) => `test/${folder}/**/*.test.ts`),
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Each stack is several processes: not many at once, and nothing beside them.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
