import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseRuntime } from "../runtime/choose.ts";
import type { RunningMachine, Runtime } from "../runtime/runtime.ts";
import type { ResolvedImage } from "./image.ts";
import { createImageStore } from "./store.ts";

const PORT = 8501;

let folder: string;
let runtime: Runtime;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "page-image-"));
  runtime = await chooseRuntime({ scope: "page-image-test" });
});
afterEach(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

async function boot(image: ResolvedImage, argv: string[]): Promise<RunningMachine> {
  const isListening = Promise.withResolvers<void>();
  let output = "";
  const machine = await runtime.boot(
    {
      machineId: "page-image-test",
      image,
      argv,
      env: {},
      workdir: "/",
      user: "1000:1000",
      files: [],
      mounts: [],
      machineDir: join(folder, "machine"),
      keepRootDisk: false,
      mayKeepRootDisk: false,
      ports: [PORT],
      limits: { memoryMb: 512, cpus: 1 },
    },
    {
      output: (_, data) => {
        output += Buffer.from(data).toString();
        if (output.includes("listening")) isListening.resolve();
      },
      exited: (exit) => isListening.reject(new Error(`ended: ${JSON.stringify(exit.ending)} ${output}`)),
      egress: () => {},
    },
  );
  await isListening.promise;
  return machine;
}

async function get(machine: RunningMachine, path: string): Promise<string> {
  const socket = await machine.connect(PORT);
  let answer = "";
  socket.on("data", (data) => {
    answer += data.toString();
  });
  socket.write(`GET ${path} HTTP/1.1\r\nhost: machine\r\nconnection: close\r\n\r\n`);
  await once(socket, "end");
  return answer;
}

describe("in a machine, as somebody who is not root", () => {
  it("stands in for an agent where the agent's machines are probed", async () => {
    const store = createImageStore({ cacheDir: join(folder, "cache") });
    const image = await store.resolve("docker.io/paulgauthier/aider-full:v0.86.2", { progress: () => {} });
    const machine = await boot(image, image.bundledCommand?.(["/bin/sh", "-c", "exec aider"]) ?? []);
    expect(await get(machine, "/_stcore/health")).toMatch(/^HTTP\/1.1 200 /);
    const page = await get(machine, "/");
    expect(page).toContain("<h1>Aider</h1>");
    expect(page).toContain("A built-in page, not Aider: it cannot be installed from npm.");
    expect(await get(machine, "/assets/xterm.mjs")).toMatch(/^HTTP\/1.1 200 /);
    await machine.kill();
  });

  it("answers for ttyd and tini, under their names' paths", async () => {
    const store = createImageStore({
      cacheDir: join(folder, "cache"),
      runNpm: () => Promise.reject(new Error("no npm in this test")),
    });
    const image = await store.resolve("somebody/tools:1", { progress: () => {} });
    const bin = image.binds.find(({ to }) => to.endsWith("/stand-ins"))?.to;
    const machine = await boot(image, [`${bin}/tini`, "--", `${bin}/ttyd`, "--writable", "bash"]);
    expect(await get(machine, "/")).toContain("<h1>tools</h1>");
    await machine.kill();
  });
});
