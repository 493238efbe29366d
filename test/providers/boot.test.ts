/** What stands before an agent's command: on a machine of the local cloud, and with the tools that images lack. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BOOT_SCRIPT } from "../../src/machine-boot/script.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { driveAll } from "./drive.ts";

describe("a machine's first moments", () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await startTestCloud();
  });
  afterAll(() => cloud.close());

  it("gives the agent its user, its folder and its files, and leaves alone what it changed", async () => {
    const target = cloud.newTarget({ exposure: "private" });
    const recipe = cloud.recipe({
      command: ["id -u; pwd; echo $HOME; exec sleep infinity"],
      user: { uid: 1000, gid: 1000 },
      workdir: "/data/work",
      files: [
        { path: "/data/deep/first.json", content: "it's é\n", firstBootOnly: true, mode: "0600" },
        { path: "/data/always.txt", content: "always\n", firstBootOnly: false },
      ],
    });
    await driveAll(cloud, ["place", "volume", "machine", "boot"], target, recipe);
    const sh = async (script: string): Promise<string> => {
      const outcome = await cloud.provider.exec(target, {
        command: ["sh", "-c", script],
        timeoutSeconds: 10,
      });
      return outcome.type === "ok" ? outcome.value.stdout : JSON.stringify(outcome);
    };
    const shown =
      "while [ ! -e /data/work ]; do sleep 0.1; done; cd /data && cat deep/first.json always.txt && stat -c '%n %u:%g %a' . deep deep/first.json always.txt work";
    expect(await sh(shown)).toBe(
      [
        "it's é",
        "always",
        ". 1000:1000 755",
        "deep 1000:1000 755",
        "deep/first.json 1000:1000 600",
        "always.txt 1000:1000 644",
        "work 1000:1000 755",
        "",
      ].join("\n"),
    );
    await sh("echo mine >/data/deep/first.json; echo mine >/data/always.txt");
    await driveAll(cloud, ["stop", "start", "boot"], target, recipe);
    expect(
      await sh(
        "while ! grep -q always /data/always.txt; do sleep 0.1; done; cat /data/deep/first.json /data/always.txt",
      ),
    ).toBe("mine\nalways\n");
    const logs = await cloud.provider.logs(target, {});
    const lines = logs.type === "ok" ? logs.value.lines.map(({ message }) => message) : [];
    expect(lines).toEqual(expect.arrayContaining(["1000", "/data/work"]));
  });

  it("ends with a reason when a file cannot be written", async () => {
    const target = cloud.newTarget({ exposure: "private" });
    const recipe = cloud.recipe({ files: [{ path: "/proc/nowhere/x", content: "x", firstBootOnly: false }] });
    await driveAll(cloud, ["place", "volume", "machine"], target, recipe);
    const messages = async () => {
      const logs = await cloud.provider.logs(target, {});
      return logs.type === "ok" ? logs.value.lines.map(({ message }) => message) : [];
    };
    while (!(await messages()).some((line) => line.includes("cannot write /proc/nowhere/x"))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});

describe("the boot script", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "gentity-boot-"));
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, "stage"));
    mkdirSync(join(folder, "bin"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs it with no tools but these. */
  function boot(tools: string[], parameters: string[], argv: string[]) {
    const bin = join(folder, "bin");
    for (const tool of [
      "sh",
      "id",
      "stat",
      "chown",
      "chmod",
      "mkdir",
      "dirname",
      "cp",
      "mv",
      "env",
      ...tools,
    ]) {
      const from = ["/usr/bin", "/bin", "/usr/sbin"].map((dir) => join(dir, tool)).find(existsSync);
      if (from !== undefined && !existsSync(join(bin, tool))) symlinkSync(from, join(bin, tool));
    }
    const done = spawnSync("/bin/sh", ["-c", BOOT_SCRIPT, "gentity-boot", ...parameters, "--", ...argv], {
      env: { PATH: bin, HOME: "/root", KEEP: "kept", GENTITY_STAGE_DIR: join(folder, "stage") },
      encoding: "utf8",
    });
    return { code: done.status, stdout: done.stdout, stderr: done.stderr };
  }

  it("runs the command with every argument as it is", () => {
    const odd = ["", "a b", "it's", "$HOME", "*", "-x", "é\n"];
    const { stdout } = boot(
      [],
      ["", "", "", "", "0"],
      ["sh", "-c", 'for a; do printf "[%s]" "$a"; done', "sh", ...odd],
    );
    expect(stdout).toBe(odd.map((text) => `[${text}]`).join(""));
  });

  it("writes a first-boot file once and any other every time", () => {
    writeFileSync(join(folder, "stage", "0"), "seed");
    writeFileSync(join(folder, "stage", "1"), "fresh");
    const [once, always] = [join(folder, "d", "once"), join(folder, "d", "always")];
    const parameters = ["", "", folder, "", "2", once, "0600", "keep", always, "0640", "write"];
    expect(boot(["true"], parameters, ["true"]).code).toBe(0);
    writeFileSync(once, "changed");
    writeFileSync(always, "changed");
    boot([], parameters, ["true"]);
    expect([readFileSync(once, "utf8"), readFileSync(always, "utf8")]).toEqual(["changed", "fresh"]);
    expect(statSync(always).mode & 0o777).toBe(0o640);
    expect(existsSync(`${once}.gentity-new`)).toBe(false);
  });

  describe.runIf(process.getuid?.() === 0)("as root", () => {
    const nobody = ["65534", "65534"];
    const who = ["sh", "-c", 'echo "$(id -u):$(id -g) $KEEP $1"', "sh", "it's"];

    it.each([["setpriv"], ["su"]])("becomes the agent's user with %s alone", (tool) => {
      const { stdout } = boot([tool], [...nobody, join(folder, "data"), "", "0"], who);
      expect(stdout).toBe("65534:65534 kept it's\n");
      expect(statSync(join(folder, "data")).uid).toBe(65534);
    });

    it("goes on as root and says so where there is no tool", () => {
      const { stdout, stderr } = boot([], [...nobody, "", "", "0"], who);
      expect(stdout).toBe("0:0 kept it's\n");
      expect(stderr).toContain("no way to become 65534:65534");
    });
  });
});
