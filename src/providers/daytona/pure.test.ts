import { describe, expect, it } from "vitest";
import type { MachineRecipe, Target } from "../provider.ts";
import { readMixed, readOutputs } from "./outputs.ts";
import { quote } from "./shell.ts";
import { findRecipeProblem, sandboxBody, secretsOf } from "./spec.ts";
import { machineState, observe } from "./states.ts";

const target: Target = {
  instanceId: "cmp1",
  accountId: "acc1",
  region: "eu",
  spec: { cpuKind: "shared", cpus: 1, memoryMb: 256, volumeGb: 0 },
  exposure: "private",
  refs: {},
};
const recipe = (more: Partial<MachineRecipe> = {}): MachineRecipe => ({
  image: "ghcr.io/acme/agent:1@sha256:0123",
  entrypoint: ["agent"],
  command: ["--serve"],
  dataPath: "/data",
  env: { KEY: "sk-secret" },
  files: [],
  ...more,
});

describe("what is asked for", () => {
  it("rounds up to whole gigabytes, and has a disk", () => {
    expect(sandboxBody(target, recipe())).toMatchObject({ target: "eu", cpu: 1, memory: 1, disk: 1 });
  });

  it("has nothing of the instance in the image", () => {
    const files = [{ path: "/data/x", content: "sk-in-a-file", firstBootOnly: true }];
    const { buildInfo } = sandboxBody(target, recipe({ files, user: { uid: 1000, gid: 1000 } }));
    expect(buildInfo.dockerfileContent).toBe(
      'FROM ghcr.io/acme/agent:1@sha256:0123\nUSER root\nENTRYPOINT ["/bin/sh","-c","eval \\"$GENTITY_BOOT\\"","gentity-boot"]\n',
    );
  });

  it("leaves the image as it is where the recipe names no command", () => {
    const body = sandboxBody(target, recipe({ entrypoint: undefined, command: undefined }));
    expect(body.buildInfo.dockerfileContent).toBe("FROM ghcr.io/acme/agent:1@sha256:0123\n");
    expect(body.env).toEqual({ KEY: "sk-secret" });
  });

  it.each([
    ["an image that is none", { image: "debian\nRUN curl evil" }, /not the name of an image/],
    [
      "files before a command that is not known",
      { entrypoint: undefined, command: undefined, workdir: "/data" },
      /must name/,
    ],
    [
      "files that no variable can hold",
      { files: [{ path: "/x", content: "x".repeat(100_000), firstBootOnly: false }] },
      /too large/,
    ],
  ])("refuses %s", (_, more, message) => {
    expect(findRecipeProblem(recipe(more))).toMatch(message);
  });

  it("counts its files among its secrets, in every form they travel in", () => {
    const files = [{ path: "/x", content: "sk-in-a-file", firstBootOnly: false }];
    expect(secretsOf(recipe({ files }))).toEqual(
      expect.arrayContaining(["sk-secret", "sk-in-a-file", btoa("sk-in-a-file")]),
    );
  });
});

it("quotes any word for a shell", () => {
  expect(["a/b-1.2", "", "it's", "a b"].map(quote)).toEqual(["a/b-1.2", "''", "'it'\\''s'", "'a b'"]);
});

describe("states", () => {
  const sandbox = (state: string, more = {}) => ({ id: "1", name: "n", state, labels: {}, ...more });

  it.each([
    ["creating", "starting"],
    ["restoring", "starting"],
    ["destroyed", "absent"],
    ["destroying", "stopping"],
    ["started", "started"],
    ["stopped", "stopped"],
    ["starting", "starting"],
    ["stopping", "stopping"],
    ["error", "failed"],
    ["build_failed", "failed"],
    ["pending_build", "starting"],
    ["building_snapshot", "starting"],
    ["unknown", "unknown"],
    ["pulling_snapshot", "starting"],
    ["archived", "stopped"],
    ["archiving", "stopped"],
    ["resizing", "starting"],
    ["snapshotting", "starting"],
    ["forking", "starting"],
    ["pausing", "suspending"],
    ["paused", "suspended"],
    ["resuming", "starting"],
    // Of no document: an alarm, and never "running".
    ["hibernating", "unknown"],
    ["", "unknown"],
  ])("%s is %s", (vendor, ours) => {
    expect(machineState(vendor)).toBe(ours);
  });

  it("says why something failed, and that it does not know a state", () => {
    const failed = observe(
      sandbox("error", { errorReason: "runner lost", updatedAt: "2026-09-01T00:00:00Z" }),
    );
    expect(failed).toEqual({
      machine: "failed",
      vendorState: "error",
      since: Date.parse("2026-09-01T00:00:00Z"),
      note: "runner lost",
    });
    expect(observe(sandbox("build_failed")).note).toContain("not why");
    expect(observe(sandbox("hibernating")).note).toContain('"hibernating"');
    expect(observe(sandbox("stopped")).note).toBeUndefined();
  });
});

describe("a command's outputs", () => {
  const marked = "\x01\x01\x01one\n\x02\x02\x02two\n\x01\x01\x01three\n";

  it("come apart, by name or by mark", () => {
    expect(readOutputs({ stdout: "o", stderr: "e", output: "oe" })).toEqual({ stdout: "o", stderr: "e" });
    expect(readOutputs(marked)).toEqual({ stdout: "one\nthree\n", stderr: "two\n" });
    expect(readOutputs({ output: marked })).toEqual({ stdout: "one\nthree\n", stderr: "two\n" });
    expect(readOutputs("")).toEqual({ stdout: "", stderr: "" });
  });

  it("are said to be mixed where nothing tells them apart", () => {
    expect(readOutputs("one\ntwo\n")).toEqual({ stdout: "one\ntwo\n", stderr: "", mixed: true });
  });

  it("are one text in the vendor's order", () => {
    expect(readMixed(marked)).toBe("one\ntwo\nthree\n");
    expect(readMixed({ output: "oe", stdout: "o", stderr: "e" })).toBe("oe");
    expect(readMixed({ stdout: "o", stderr: "e" })).toBe("oe");
  });
});
