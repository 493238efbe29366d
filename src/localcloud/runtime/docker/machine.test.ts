import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { Engine } from "../../../docker-engine-client/engine.ts";
import { processesWithEnv } from "../../../os/processes.ts";
import type { Ending } from "../../guest/protocol.ts";
import { TEST_IMAGE, testEngine } from "../../testing/engine.ts";
import { eventually } from "../../testing/harness.ts";
import { removeTree } from "../remove-tree.ts";
import type { MachineSink, RunningMachine } from "../runtime.ts";
import type { Reach } from "./container.ts";
import { DockerImages } from "./images.ts";
import { DockerRuntime } from "./runtime.ts";

vi.mock("../../../os/processes.ts", { spy: true });
vi.mock("../remove-tree.ts", { spy: true });

const found = await testEngine();
const engine = found instanceof Engine ? found : new Engine("");

const silent: MachineSink = { output() {}, exited() {}, egress() {} };

describe.skipIf("reason" in found)("a container", () => {
  let machineDir: string;
  let runtime: DockerRuntime;
  beforeEach(async () => {
    machineDir = await mkdtemp(join(tmpdir(), "localcloud-docker-"));
  });
  afterEach(async () => {
    await runtime.close();
    await removeTree(machineDir);
  });

  async function boot(argv: string[] | undefined, reach?: Reach): Promise<RunningMachine> {
    runtime = new DockerRuntime({ engine, scope: `localcloud-test-${process.pid}`, reach });
    const image = await new DockerImages(engine, { pulls: false }).resolve(TEST_IMAGE, () => {});
    if (!image) throw new Error("no image");
    return runtime.boot(
      {
        machineId: "m",
        image,
        argv: argv ?? [...image.entrypoint, ...image.cmd],
        env: {},
        workdir: "/",
        files: [],
        mounts: [],
        machineDir,
        keepRootDisk: false,
        mayKeepRootDisk: false,
        ports: [8080],
        limits: { memoryMb: 256, cpus: 1 },
      },
      silent,
    );
  }

  it("has a real terminal: a size, line editing and an end", async ({ expect }) => {
    const machine = await boot(["sleep", "1000"]);
    const session = machine.openPty({ argv: ["/bin/sh"], cols: 80, rows: 24 });
    let screen = "";
    session.onData((data) => {
      screen += data;
    });
    const ended = new Promise<Ending>((resolve) => session.onExit(resolve));
    session.write("stty size; echo $TERM\r");
    await eventually(() => screen.includes("24 80") && screen.includes("xterm-256color"));
    session.resize(101, 33);
    session.write("stty size; echo $((6*7)); tty; exit 5\r");
    expect(await ended).toEqual({ code: 5, signal: null });
    expect(screen).toContain("33 101");
    expect(screen).toContain("42");
    expect(screen).toMatch(/\/dev\/pts\/\d+/);
  });

  it("loses what runs in a terminal that is closed", async ({ expect }) => {
    const machine = await boot(["sleep", "1000"]);
    const session = machine.openPty({
      argv: ["/bin/sh", "-c", "echo begun; sleep 2345"],
      cols: 80,
      rows: 24,
    });
    const begun = new Promise<void>((resolve) =>
      session.onData((data) => data.includes("begun") && resolve()),
    );
    const ended = new Promise<Ending>((resolve) => session.onExit(resolve));
    await begun;
    session.close();
    await ended;
    const { stdout } = await machine.exec({ argv: ["ps"], timeoutMs: 30_000 });
    expect(stdout).not.toContain("sleep 2345");
  });

  it.for<Reach | undefined>([undefined, "published"])(
    "is reached on its ports (%s)",
    async (reach, { expect }) => {
      const machine = await boot(undefined, reach);
      const body = async (): Promise<string> => {
        const socket = await machine.connect(8080);
        return new Promise((resolve, reject) => {
          const outgoing = request({ path: "/", createConnection: () => socket }, async (answer) => {
            let text = "";
            for await (const part of answer) text += String(part);
            resolve(text);
          });
          outgoing.once("error", reject);
          outgoing.end();
        });
      };
      // The command has started, which is not yet listening.
      await eventually(async () => (await body().catch(() => "")) === "the real image\n");
      await expect(machine.connect(9999)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    },
  );

  it("empties a folder whose files are not the program's to remove", async ({ expect }) => {
    runtime = new DockerRuntime({ engine, scope: `localcloud-test-${process.pid}` });
    await mkdir(join(machineDir, "data", ".hidden"), { recursive: true });
    await writeFile(join(machineDir, "data", "file"), "");
    await writeFile(join(machineDir, ".file"), "");
    vi.mocked(removeTree).mockRejectedValue(new Error("EACCES"));
    await expect(runtime.removeTree(machineDir)).rejects.toThrow("EACCES");
    vi.mocked(removeTree).mockReset();
    expect(await readdir(machineDir)).toEqual([]);
  });

  it("ends a command whose time is over, also where the host cannot see its processes", async ({
    expect,
  }) => {
    const machine = await boot(["sleep", "1000"]);
    for (const hidden of [false, true]) {
      const argv = ["sh", "-c", "sleep 3456 & exec sleep 3456"];
      // Without the mark in sight nobody on the host finds it; the container's own root still does.
      if (hidden) vi.mocked(processesWithEnv).mockResolvedValueOnce([]);
      expect((await machine.exec({ argv, timeoutMs: 500 })).timedOut).toBe(true);
      await eventually(async () => {
        const { stdout } = await machine.exec({ argv: ["ps"], timeoutMs: 30_000 });
        return !stdout.includes("sleep 3456");
      });
    }
  });
});
