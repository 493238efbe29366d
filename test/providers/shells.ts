/** The vendor's exec, played by a shell of this computer: what the scripts meet in images of every kind. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExecRequest, ExecResult, Outcome } from "../../src/providers/provider.ts";

export interface Shell {
  name: string;
  /** Stands where `/bin/sh` would. */
  sh: string;
  path: string;
}

function which(name: string): string | undefined {
  const found = spawnSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** The shells this computer has; with busybox also all of its other tools, in place of the usual ones. */
export function installShells(): { shells: Shell[]; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "gentity-shells-"));
  const shells: Shell[] = [];
  for (const name of ["dash", "bash", "busybox"]) {
    const program = which(name);
    if (program === undefined) continue;
    const bin = join(folder, name);
    mkdirSync(bin);
    let path = process.env.PATH ?? "";
    if (name === "busybox") {
      const applets = spawnSync(program, ["--list"], { encoding: "utf8" }).stdout.trim().split("\n");
      for (const applet of new Set(applets)) symlinkSync(program, join(bin, applet));
      // GNU's tools must not be found behind it.
      path = bin;
    } else {
      symlinkSync(program, join(bin, "sh"));
    }
    shells.push({ name, sh: join(bin, "sh"), path });
  }
  return { shells, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface ShellExec {
  exec: (request: ExecRequest) => Promise<Outcome<ExecResult>>;
  calls: ExecRequest[];
}

export function execIn(shell: Shell): ShellExec {
  const calls: ExecRequest[] = [];
  const exec = (request: ExecRequest): Promise<Outcome<ExecResult>> => {
    calls.push(request);
    const [file = "", ...args] = request.command.map((part) => part.replaceAll("/bin/sh", shell.sh));
    return new Promise((resolve) => {
      // A group of its own, which the vendor ends together with the call.
      const child = spawn(file, args, {
        detached: true,
        env: { PATH: shell.path, HOME: tmpdir(), TMPDIR: dirname(shell.sh) },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const output = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
      child.on("close", (code) => resolve({ type: "ok", value: { exitCode: code ?? 137, ...output } }));
    });
  };
  return { exec, calls };
}
