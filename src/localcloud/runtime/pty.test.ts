import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "vitest";
import type { Ending } from "../guest/protocol.ts";
import { probeImage } from "../images/probe.ts";
import { chooseRuntime } from "./choose.ts";
import { removeTree } from "./remove-tree.ts";

describe("a terminal in a machine", () => {
  it("is a real one: it has a name, a size, line editing and an end", async ({ expect }) => {
    const machineDir = await mkdtemp(join(tmpdir(), "localcloud-pty-"));
    const runtime = await chooseRuntime({ scope: `localcloud-pty-${process.pid}` });
    const machine = await runtime.boot(
      {
        machineId: "pty",
        image: probeImage(),
        argv: ["sleep", "1000"],
        env: { FLY_MACHINE_ID: "pty" },
        workdir: "/",
        files: [],
        mounts: [],
        machineDir,
        keepRootDisk: false,
        mayKeepRootDisk: false,
        ports: [],
        limits: { memoryMb: 256, cpus: 1 },
      },
      { output() {}, exited() {}, egress() {} },
    );
    try {
      const session = machine.openPty({ argv: ["/bin/sh"], cols: 80, rows: 24 });
      let screen = "";
      session.onData((data) => {
        screen += data;
      });
      const ended = new Promise<Ending>((resolve) => session.onExit(resolve));
      session.resize(101, 33);
      session.write("stty size; echo $((6*7)); tty; exit 5\r");
      expect(await ended).toEqual({ code: 5, signal: null });
      expect(screen).toContain("33 101");
      expect(screen).toContain("42");
      expect(screen).toMatch(/\/dev\/pts\/\d+/);
    } finally {
      await machine.kill();
      await runtime.close();
      await removeTree(machineDir);
    }
  });
});
