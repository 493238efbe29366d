/** Every command and request of the documentation, typed into a shell of a stack that has just been started. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SLUGS } from "../../src/docs/contents.ts";
import { Stack } from "../e2e/stack.ts";
import { allBlocks, readBlocks } from "./blocks.ts";
import { Shell } from "./shell.ts";

/** A page is read in one go, and some of what it tells takes its time. */
const PAGE_MS = 300_000;

const isRun = ({ how }: { how: string }) => !how.startsWith("no-run");

let stack: Stack;
let shell: Shell;
beforeAll(async () => {
  stack = await Stack.start();
  const { adminToken } = JSON.parse(readFileSync(join(stack.state, "local.json"), "utf8"));
  shell = new Shell(stack, adminToken);
});
afterAll(async () => {
  shell?.remove();
  await stack?.close();
});

describe("the documentation", () => {
  it("leaves out no more than what cannot be run here, and says why", () => {
    const left = allBlocks().filter((block) => !isRun(block));
    expect(left.map(({ page, how }) => `${page}: ${how.replace("no-run: ", "")}`)).toEqual([
      "quick-start: it is what the test of this page has started",
      "quick-start: the token is your own; the test of this page sets both",
      "openclaw: it installs half a gigabyte from npm; the test of OpenClaw does this in a browser",
      "hermes: only the real Hermes has it, and locally a page stands in",
      "aider: it clones from an address of your own",
      "claude-code: it installs Claude Code from npm; the walk through the whole stack does this",
      "local: it is what the test of this page has started",
      "local: the tests would run themselves",
      "self-hosting: it needs a Cloudflare account",
      "self-hosting: it needs a Cloudflare account",
      "self-hosting: the project's own checks run it, it takes half a minute",
      "self-hosting: it needs an image of your own",
    ]);
  });
});

describe.each(SLUGS.filter((page) => readBlocks(page).some(isRun)))("%s.md", (page) => {
  it(
    "does what it says",
    async () => {
      for (const block of readBlocks(page).filter(isRun)) {
        await shell.run(block);
      }
    },
    PAGE_MS,
  );
});
