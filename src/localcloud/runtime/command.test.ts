import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Ending } from "../guest/protocol.ts";
import { probeImage } from "../images/probe.ts";
import { chooseRuntime } from "./choose.ts";
import { removeTree } from "./remove-tree.ts";
import type { CommandRequest, RunningMachine, Runtime } from "./runtime.ts";

let machineDir: string;
let runtime: Runtime;
let machine: RunningMachine;

beforeAll(async () => {
  machineDir = await mkdtemp(join(tmpdir(), "localcloud-command-"));
  runtime = await chooseRuntime({ scope: `localcloud-command-${process.pid}`, dockerHost: false });
  machine = await runtime.boot(
    {
      machineId: "command",
      image: probeImage(),
      argv: ["sleep", "1000"],
      env: { FLY_MACHINE_ID: "command", FROM: "machine", KEPT: "yes" },
      workdir: "/",
      user: "1000:1000",
      files: [
        {
          path: "/srv/own",
          content: Buffer.alloc(0),
          isFolder: true,
          mode: 0o700,
          owner: { uid: 1000, gid: 1000 },
        },
        { path: "/srv/own/file", content: Buffer.from("text"), owner: { uid: 1000, gid: 1000 } },
      ],
      mounts: [],
      machineDir,
      keepRootDisk: false,
      mayKeepRootDisk: false,
      ports: [],
      limits: { memoryMb: 256, cpus: 1 },
    },
    { output() {}, exited() {}, egress() {} },
  );
});
afterAll(async () => {
  await machine.kill();
  await runtime.close();
  await removeTree(machineDir);
});

function open(script: string, more: Partial<CommandRequest> = {}) {
  const session = machine.openCommand({ argv: ["/bin/sh", "-c", script], ...more });
  const said = { stdout: "", stderr: "" };
  let heard = () => {};
  session.onOutput((stream, data) => {
    said[stream] += Buffer.from(data).toString();
    heard();
  });
  const ended = new Promise<Ending>((resolve) => session.onExit(resolve));
  const hears = (text: string) =>
    new Promise<void>((resolve) => {
      heard = () => said.stdout.includes(text) && resolve();
      heard();
    });
  return { session, said, ended, hears };
}

describe("a command beside the main one", () => {
  it("is talked with while it runs, and sees the end of its input", async ({ expect }) => {
    const { session, said, ended, hears } = open('read line; echo "got $line"; cat; echo end >&2; exit 3');
    session.write(Buffer.from("one\n"));
    await hears("got one\n");
    session.write(Buffer.from("two\n"));
    await hears("two\n");
    session.endInput();
    expect(await ended).toEqual({ code: 3, signal: null });
    expect(said).toEqual({ stdout: "got one\ntwo\n", stderr: "end\n" });
  });

  it("has the machine's environment and folder under its own", async ({ expect }) => {
    const { said, ended, session } = open("echo $FROM $KEPT $HOME; pwd", {
      env: { FROM: "command" },
      cwd: "/tmp",
    });
    session.endInput();
    await ended;
    expect(said.stdout).toMatch(/^command yes \S*\/root\n\S*\/tmp\n$/);
  });

  it.runIf(process.getuid?.() === 0)(
    "is root, or the main command's user when asked to be",
    async ({ expect }) => {
      const root = open("id -u; stat -c '%u %a' /srv/own /srv/own/file");
      const main = open("id -u; cat /srv/own/file", { as: "main" });
      await Promise.all([root.ended, main.ended]);
      expect(root.said.stdout).toBe("0\n1000 700\n1000 644\n");
      expect(main.said.stdout).toBe("1000\ntext");
    },
  );

  it("carries a lot of output whole", async ({ expect }) => {
    const { said, ended } = open("head -c 3000000 /dev/zero | tr '\\0' x");
    await ended;
    expect(said.stdout.length).toBe(3_000_000);
  });

  it("says when it cannot begin", async ({ expect }) => {
    const session = machine.openCommand({ argv: ["no-such-program"] });
    const ending = await new Promise<Ending>((resolve) => session.onExit(resolve));
    expect(ending).toMatchObject({
      code: 127,
      signal: null,
      error: expect.stringContaining("no-such-program"),
    });
  });
});
