import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { removeTree } from "../../src/localcloud/runtime/remove-tree.ts";
import type { Child } from "./child.ts";
import { benchEdge } from "./edge/edge.ts";
import { describeMachine, formatSection, loadAverage, progress, type Section } from "./report.ts";
import { benchStack } from "./stack/bench.ts";

/** `npm run bench`: what our work costs, each time beside what it is added to, in the same run. Never an assertion. */

const PARTS = ["create", "exec", "wake", "edge"] as const;
type Part = (typeof PARTS)[number];

const USAGE = `npm run bench -- [options]     ratios, each measured side by side in this run

  --quick        few rounds, to try it out
  --only PART    create, exec, wake or edge; may repeat
  --json FILE    everything measured as well
`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    json: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

const parts = (values.only ?? PARTS) as Part[];
const unknownPart = parts.find((part) => !PARTS.includes(part));
if (values.help || unknownPart !== undefined) {
  process.stderr.write(unknownPart === undefined ? USAGE : `there is no part "${unknownPart}"\n\n${USAGE}`);
  process.exit(unknownPart === undefined ? 0 : 2);
}

const ROUNDS = values.quick
  ? { create: 2, exec: 20, wake: 3, edge: 4 }
  : { create: 8, exec: 60, wake: 16, edge: 24 };
/** Short ones in many rounds bear a noisy machine better than a few long ones. */
const WINDOW_SECONDS = 0.5;
/** Whatever hangs, it does not hang for ever. */
const DEADLINE_MS = 20 * 60_000;
/** The local stack puts its machines away first. */
const GRACE_MS = 30_000;

const tempDir = mkdtempSync(join(tmpdir(), "gentity-bench-"));
const children: Child[] = [];
const own = (child: Child) => {
  children.push(child);
  return child;
};

let ending: Promise<void> | undefined;
function endAll(): Promise<void> {
  ending ??= (async () => {
    await Promise.all(children.map((child) => child.end(GRACE_MS)));
    await removeTree(tempDir);
  })();
  return ending;
}

function giveUp(why: string, code: number): void {
  progress(`${why}; ending …`);
  void endAll().finally(() => process.exit(code));
}

async function run(): Promise<Section[]> {
  const sections: Section[] = [];
  const onStack = parts.filter((part) => part !== "edge");
  if (onStack.length > 0) {
    sections.push(...(await benchStack({ parts: onStack, rounds: ROUNDS, tempDir, own })));
  }
  if (parts.includes("edge")) {
    sections.push(...(await benchEdge({ rounds: ROUNDS.edge, seconds: WINDOW_SECONDS, tempDir, own })));
  }
  return sections;
}

process.on("SIGINT", () => giveUp("interrupted", 130));
process.on("SIGTERM", () => giveUp("terminated", 143));
setTimeout(() => giveUp(`not done within ${DEADLINE_MS / 60_000} minutes`, 1), DEADLINE_MS).unref();

const loadBefore = loadAverage();
try {
  const sections = await run();
  const machine = `${describeMachine()}; load average ${loadBefore} before, ${loadAverage()} after`;
  console.log(`\n${machine}`);
  console.log(
    "Medians; ratios are of the same round, in brackets between which the middle half of the rounds lay.\n",
  );
  for (const section of sections) {
    console.log(formatSection(section));
  }
  if (values.json) {
    writeFileSync(values.json, `${JSON.stringify({ machine, sections }, null, 1)}\n`);
  }
} catch (error) {
  progress(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await endAll();
}
