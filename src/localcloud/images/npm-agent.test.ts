import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chooseRuntime } from "../runtime/choose.ts";
import type { MachineExit } from "../runtime/runtime.ts";
import { createImageStore } from "./store.ts";

const VERSION = "2.1.329";
const MINUTES = 60_000;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "npm-agent-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Why npm's registry cannot be reached, or nothing. */
async function registryProblem(): Promise<string | undefined> {
  const args = ["view", `@anthropic-ai/claude-code@${VERSION}`, "version", "--fetch-retries=0"];
  return promisify(execFile)("npm", args, { timeout: 30_000 }).then(
    () => undefined,
    (error: Error) => error.message.split("\n").find((line) => line.includes("npm error")) ?? error.message,
  );
}

it("runs the real Claude Code in a machine", { timeout: 10 * MINUTES }, async ({ skip }) => {
  const problem = await registryProblem();
  skip(problem !== undefined, `npm's registry cannot be reached: ${problem}`);

  const store = createImageStore({ cacheDir: join(folder, "cache") });
  const lines: string[] = [];
  const image = await store.resolve(`registry.fly.io/gentity-claude-code:${VERSION}`, {
    progress: (line) => lines.push(line),
  });
  expect(image).toMatchObject({ real: true, description: `The real Claude Code ${VERSION}, from npm.` });
  expect(lines[0]).toBe(`installing @anthropic-ai/claude-code@${VERSION} from npm …`);

  const runtime = await chooseRuntime({ scope: "npm-agent-test" });
  const exited = Promise.withResolvers<MachineExit>();
  let output = "";
  await runtime.boot(
    {
      machineId: "npm-agent-test",
      image,
      argv: image.bundledCommand?.(["tini", "--", "claude", "--version"]) ?? [],
      env: { DISABLE_AUTOUPDATER: "1" },
      workdir: "/",
      files: [],
      mounts: [],
      machineDir: join(folder, "machine"),
      keepRootDisk: false,
      mayKeepRootDisk: false,
      ports: [],
      limits: { memoryMb: 2048, cpus: 1 },
    },
    {
      output: (_, data) => {
        output += Buffer.from(data).toString();
      },
      exited: exited.resolve,
      egress: () => {},
    },
  );
  expect((await exited.promise).ending).toEqual({ code: 0, signal: null });
  expect(output).toContain(`${VERSION} (Claude Code)`);
  await runtime.close();
});
