/**
 * Holds what our client says to Daytona, and what the local cloud answers, against the vendor's own OpenAPI documents:
 *
 *   node test/conformance/daytona-openapi.ts PLATFORM-PATH TOOLBOX-PATH
 */
import { readFile } from "node:fs/promises";
import { createDaytonaProvider } from "../../src/providers/daytona/provider.ts";
import { startTestDaytona, type TestDaytona } from "../providers/daytona-cloud.ts";
import { DOWN, driveAll, UP } from "../providers/drive.ts";
import { OpenApi, type OpenApiDocument } from "./openapi.ts";
import { type Exchange, recordingFetch } from "./record.ts";
import { report } from "./report.ts";

const [platformPath, toolboxPath] = process.argv.slice(2);
if (platformPath === undefined || toolboxPath === undefined) {
  console.error("usage: daytona-openapi.ts PLATFORM-PATH TOOLBOX-PATH");
  process.exit(2);
}
const read = async (path: string) => new OpenApi(JSON.parse(await readFile(path, "utf8")) as OpenApiDocument);
const { platform, toolbox } = await recordLifecycle();
const codes = [report(await read(platformPath), platform, []), report(await read(toolboxPath), toolbox, [])];
process.exit(Math.max(...codes));

async function recordLifecycle(): Promise<{ platform: Exchange[]; toolbox: Exchange[] }> {
  const recorded = { platform: [] as Exchange[], toolbox: [] as Exchange[] };
  const cloud = await startTestDaytona();
  try {
    const below = (prefix: RegExp) => (url: URL) => {
      const path = url.pathname.replace(prefix, "");
      return path === url.pathname ? undefined : path;
    };
    const inPlatform = recordingFetch(below(/^\/api(?=\/)/), (exchange) => recorded.platform.push(exchange));
    const inToolbox = recordingFetch(below(/^\/toolbox\/[^/]+(?=\/)/), (exchange) =>
      recorded.toolbox.push(exchange),
    );
    const recorder: typeof fetch = (input, init) =>
      String(input).includes("/toolbox/") ? inToolbox(input, init) : inPlatform(input, init);
    await live({ ...cloud, provider: createDaytonaProvider({ ...cloud.config, fetch: recorder }) });
  } finally {
    await cloud.close();
  }
  return recorded;
}

/** A whole life, and the refusals on the way. */
async function live(subject: TestDaytona): Promise<void> {
  const target = subject.newTarget();
  const recipe = subject.recipe({
    id: "r1",
    user: { uid: 1000, gid: 1000 },
    env: { KEY: "value" },
    files: [{ path: "/data/config.json", content: "{}", firstBootOnly: true, mode: "0600" }],
  });
  await driveAll(subject, [...UP, "stop", "start", "boot", "observe"], target, recipe);
  const { provider } = subject;
  await provider.exec(target, { command: ["sh", "-c", "exit 3"], stdin: "in", timeoutSeconds: 5 });
  await provider.logs(target, {});
  await provider.list();
  await driveAll(subject, ["stop"], target);
  await provider.exec(target, { command: ["true"], timeoutSeconds: 5 });
  await provider.logs(target, {});
  await driveAll(subject, DOWN, target);
  await provider.exec(target, { command: ["true"], timeoutSeconds: 5 });

  const paused = subject.newTarget();
  const labels = { gentity_instance: paused.instanceId, gentity_managed: "true" };
  const name = `gentity-${paused.instanceId}`;
  await subject.api("POST", "/sandbox", { name, labels, snapshot: "daytona-vm-small" });
  await driveAll(subject, ["boot", "suspend", "start", "boot", "stop", ...DOWN], paused);
}
