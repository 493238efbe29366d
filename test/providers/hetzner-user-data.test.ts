/** What a new server is told to do: as text, by the judgement of the tools that will read it, and run with stand-ins. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLOUDFLARED, renderSetupScript } from "../../src/providers/hetzner/setup-script.ts";
import {
  findUserDataProblem,
  MAX_USER_DATA_BYTES,
  renderUserData,
} from "../../src/providers/hetzner/user-data.ts";

const PROGRAM = "console.log('host');\n";
const VALUES = {
  controlUrl: "https://gentity.example/",
  instanceId: "cmp01j8",
  enrolmentSecret: "one-time-secret",
  hostProgramSha256: createHash("sha256").update(PROGRAM).digest("hex"),
  volume: "4711",
};

function tool(name: string): string | undefined {
  return ["/usr/bin", "/bin", "/usr/sbin"].map((dir) => join(dir, name)).find(existsSync);
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gentity-user-data-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("user data", () => {
  const text = renderUserData(VALUES);

  it("is far below what the vendor takes, and what is not is refused", () => {
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_USER_DATA_BYTES / 4);
    expect(findUserDataProblem(text)).toBeUndefined();
    expect(findUserDataProblem("é".repeat(MAX_USER_DATA_BYTES / 2))).toContain(String(MAX_USER_DATA_BYTES));
  });

  it("names the one-time secret once, and nothing else that is secret", () => {
    expect(text.split(VALUES.enrolmentSecret).length).toBe(2);
    expect(text).not.toMatch(/TUNNEL_TOKEN|API_KEY|password:|recipe/i);
  });

  it("says where the control plane is and which program to run, by its digest", () => {
    expect(text).toContain('"controlUrl": "https://gentity.example"');
    expect(text).toContain(`HOST_SHA256='${VALUES.hostProgramSha256}'`);
    expect(text).toContain('"volume": "4711"');
    expect(renderUserData({ ...VALUES, volume: null })).toContain('"volume": null');
  });

  it("carries the script as it is", () => {
    const script = renderSetupScript({ ...VALUES, controlUrl: "https://gentity.example" });
    const lines = script.trimEnd().split("\n");
    expect(text).toContain(lines.map((line) => (line === "" ? "" : `      ${line}`)).join("\n"));
  });

  const cloudInit = tool("cloud-init");
  it.skipIf(cloudInit === undefined)("passes cloud-init's own schema", () => {
    const file = join(folder, "user-data");
    for (const volume of ["4711", null]) {
      writeFileSync(file, renderUserData({ ...VALUES, volume }));
      const args = ["schema", "--config-file", file];
      const checked = spawnSync(cloudInit ?? "", args, { encoding: "utf8" });
      expect(`${checked.stdout}${checked.stderr}`).toMatch(/valid/i);
      expect(checked.status).toBe(0);
    }
    writeFileSync(file, text.replace("runcmd:", "runcmd: 7\nx-runcmd:"));
    expect(spawnSync(cloudInit ?? "", ["schema", "--config-file", file]).status).not.toBe(0);
  });

  const nft = tool("nft");
  it.skipIf(nft === undefined)("has rules that nft reads", () => {
    const rules = /path: \/etc\/gentity\/metadata\.nft[\s\S]*?content: \|\n([\s\S]*?)\n {2}- path/.exec(
      text,
    )?.[1];
    const file = join(folder, "rules.nft");
    writeFileSync(file, `${rules?.replaceAll(/^ {6}/gm, "")}\n`);
    const checked = spawnSync(nft ?? "", ["-c", "-f", file], { encoding: "utf8" });
    // Without the right to change rules nft still says where it cannot read them.
    expect(checked.stderr).not.toMatch(/syntax error|Error: (?!.*Operation not permitted)/);
  });
});

describe("the setup script", () => {
  const values = { ...VALUES, controlUrl: "https://gentity.example" };
  const script = renderSetupScript(values);

  it("is a POSIX shell script, whatever the control plane is called", () => {
    const odd = renderSetupScript({ ...values, controlUrl: "https://it's.example/$(touch x)`touch x`" });
    for (const text of [script, odd]) {
      const checked = spawnSync("/bin/sh", ["-n"], { input: text, encoding: "utf8" });
      expect(checked.stderr).toBe("");
      expect(checked.status).toBe(0);
    }
    const assignment = odd.split("\n").find((line) => line.startsWith("CONTROL_URL="));
    const shown = spawnSync("/bin/sh", ["-c", `${assignment}; printf %s "$CONTROL_URL"`], {
      encoding: "utf8",
    });
    expect(shown.stdout).toBe("https://it's.example/$(touch x)`touch x`");
  });

  const shellcheck = tool("shellcheck");
  it.skipIf(shellcheck === undefined)("has nothing that shellcheck minds", () => {
    const checked = spawnSync(shellcheck ?? "", ["--shell=sh", "-"], { input: script, encoding: "utf8" });
    expect(checked.stdout).toBe("");
    expect(checked.status).toBe(0);
  });

  /** The script with its root in a folder; what it asks of the system is written down instead. */
  function setUp(served: Record<string, string>, more: { cloudflared: boolean } = { cloudflared: true }) {
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(folder, "served"), { recursive: true });
    for (const [name, content] of Object.entries(served))
      writeFileSync(join(folder, "served", name), content);
    const log = join(folder, "log");
    const stand = (name: string, body: string) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    for (const name of ["systemctl", "dpkg"]) stand(name, `echo "${name} $*" >>${log}`);
    // The last argument is the address, and the one after -o the file.
    const take = `for a; do last=$a; done; while [ "$1" != -o ]; do shift; done; cp "${folder}/served/$(basename "$last")" "$2"`;
    stand("curl", `${take} || exit 22`);
    if (more.cloudflared) stand("cloudflared", ":");
    const env = { PATH: `${bin}:/usr/bin:/bin`, GENTITY_ROOT: join(folder, "root") };
    const ran = spawnSync("/bin/sh", [], { input: script, encoding: "utf8", env });
    const said = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
    return { code: ran.status, stderr: ran.stderr, said };
  }
  const host = () => join(folder, "root/opt/gentity/host.mjs");
  const started = "systemctl enable --now gentity-host.service";

  it("fetches the host program, checks it, and starts its service; twice is as good as once", () => {
    const name = `${VALUES.hostProgramSha256}.mjs`;
    for (const _time of [1, 2]) {
      const { code, stderr, said } = setUp({ [name]: PROGRAM });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(said.at(-1)).toBe(started);
    }
    expect(readFileSync(host(), "utf8")).toBe(PROGRAM);
    expect(existsSync(join(folder, "root/mnt/gentity/data"))).toBe(true);
  });

  it("starts nothing that is not what was expected", () => {
    const { code, stderr, said } = setUp({ [`${VALUES.hostProgramSha256}.mjs`]: "console.log('evil');\n" });
    expect(code).toBe(1);
    expect(stderr).toContain("is not what was expected");
    expect(said).not.toContain(started);
    expect(existsSync(host())).toBe(false);
  });

  it("installs nothing in place of the connector that was pinned", () => {
    const name = CLOUDFLARED.url.split("/").at(-1) ?? "";
    const { code, said } = setUp({ [name]: "another package" }, { cloudflared: false });
    expect(code).toBe(1);
    expect(said).toEqual([]);
  });

  it("says what it could not download", () => {
    const { code, stderr } = setUp({});
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot download https://gentity.example/host/${VALUES.hostProgramSha256}.mjs`);
  });
});
