import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { REGISTRY } from "../registry.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { groups, positions } from "./words.ts";
import { zshScript } from "./zsh.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gentity-completion-"));
  const words = [await positions(REGISTRY), groups(REGISTRY)] as const;
  writeFileSync(join(folder, "bash"), bashScript(...words));
  writeFileSync(join(folder, "zsh"), zshScript(...words));
  writeFileSync(join(folder, "fish"), fishScript(...words));
  // Stands in for the command when a script asks for ids.
  writeFileSync(
    join(folder, "gentity"),
    "#!/bin/sh\n[ \"$*\" = 'compute list --quiet' ] && echo cmp1 cmp2\n",
    {
      mode: 0o755,
    },
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What bash offers after these words, the last of which is being typed. */
function offered(...words: string[]): string[] {
  const script = `source "${join(folder, "bash")}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gentity; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  return execFileSync("bash", ["-c", script, "bash", ...words], { encoding: "utf8", env })
    .trim()
    .split("\n");
}

test("bash offers commands, verbs and options where they belong", () => {
  expect(offered("gentity", "comp")).toEqual(["compute", "completion"]);
  expect(offered("gentity", "compute", "st")).toEqual(["start", "stop"]);
  expect(offered("gentity", "compute", "create", "--de")).toEqual(["--detach"]);
  expect(offered("gentity", "completion", "")).toEqual(expect.arrayContaining(["bash", "zsh", "fish"]));
});

test("bash offers what is in a group within a group", () => {
  expect(offered("gentity", "admin", "")).toEqual(["accounts", "releases", "instances", "sweep"]);
  expect(offered("gentity", "admin", "accounts", "cr")).toEqual(["create"]);
  expect(offered("gentity", "admin", "accounts", "create", "--na")).toEqual(["--name"]);
});

test("bash offers ids where an instance is meant, also after an alias", () => {
  expect(offered("gentity", "compute", "stop", "cm")).toEqual(["cmp1", "cmp2"]);
  expect(offered("gentity", "compute", "rm", "--yes", "cm")).toEqual(["cmp1", "cmp2"]);
  expect(offered("gentity", "compute", "list", "cm")).toEqual([""]);
});

test("bash leaves the remote command alone", () => {
  expect(offered("gentity", "compute", "exec", "cmp1", "--", "")).toEqual([""]);
});

test.each(["bash", "zsh", "fish"])(
  "the script for %s is one that it can read, where it is installed",
  (shell) => {
    const checked = spawnSync(shell, ["-n", join(folder, shell)], { encoding: "utf8" });
    // A shell that is not here cannot object.
    if (checked.error) return;
    expect(checked.stderr).toBe("");
    expect(checked.status).toBe(0);
  },
);
