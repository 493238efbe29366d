/**
 * Holds what our client says to Fly, and what the local cloud answers, against the vendor's own OpenAPI document:
 *
 *   node test/conformance/fly-openapi.ts PATH
 *
 * Ends with 1 on any difference that is not in `deviations.ts`, where each known one has its reason.
 */
import { readFile } from "node:fs/promises";
import { createFlyProvider } from "../../src/providers/fly/provider.ts";
import type { Step, Target } from "../../src/providers/provider.ts";
import { startTestCloud, type TestCloud } from "../providers/cloud.ts";
import { DOWN, driveAll, UP } from "../providers/drive.ts";
import { DEVIATIONS } from "./deviations.ts";
import { OpenApi, type OpenApiDocument } from "./openapi.ts";
import { type Exchange, recordingFetch } from "./record.ts";
import { report } from "./report.ts";

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: fly-openapi.ts PATH");
  process.exit(2);
}
const spec = new OpenApi(JSON.parse(await readFile(path, "utf8")) as OpenApiDocument);
process.exit(report(spec, await recordLifecycle(), DEVIATIONS));

/** A whole life, a body's life, and the refusals on the way. */
async function recordLifecycle(): Promise<Exchange[]> {
  const recorded: Exchange[] = [];
  const cloud = await startTestCloud();
  try {
    const recorder = recordingFetch(
      ({ origin, pathname }) =>
        origin === cloud.cloud.url && pathname.startsWith("/v1/") ? pathname : undefined,
      (exchange) => recorded.push(exchange),
    );
    const subject: TestCloud = {
      ...cloud,
      provider: createFlyProvider({ ...cloud.config, fetch: recorder }),
    };
    await live(subject, subject.newTarget(), [
      "suspend",
      "start",
      "boot",
      "stop",
      "start",
      "boot",
      "observe",
    ]);
    await live(subject, subject.newTarget({ exposure: "private" }), []);
    await beRefused(subject);
  } finally {
    await cloud.close();
  }
  return recorded;
}

async function live(subject: TestCloud, target: Target, steps: Step[]): Promise<void> {
  const recipe = subject.recipe({
    port: 8080,
    user: { uid: 1000, gid: 1000 },
    env: { KEY: "value" },
    files: [{ path: "/data/config.json", content: "{}", firstBootOnly: true, mode: "0600" }],
  });
  await driveAll(subject, [...UP.filter((step) => step !== "ready"), ...steps], target, recipe);
  await subject.provider.exec(target, { command: ["sh", "-c", "exit 3"], stdin: "in", timeoutSeconds: 5 });
  await subject.provider.list();
  await driveAll(subject, DOWN, target, recipe);
}

async function beRefused(subject: TestCloud): Promise<void> {
  const target = subject.newTarget();
  await subject.squat(target);
  await subject.provider.run("place", target, { holdMs: 0 });
  const other = subject.newTarget();
  await driveAll(subject, ["place", "volume"], other);
  for (const kind of ["capacity", "rate_limit", "error_before"] as const) {
    await subject.order({ kind, at: "machine" });
    await subject.provider.run("machine", other, { holdMs: 0, recipe: subject.recipe() });
  }
  await driveAll(subject, ["machine", "boot", "stop"], other);
  await subject.provider.exec(other, { command: ["true"], timeoutSeconds: 5 });
  await subject.provider.run("unvolume", other, { holdMs: 0 });
  await driveAll(subject, DOWN, other);
}
