import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunNpm } from "./npm-run.ts";
import { createImageStore } from "./store.ts";

let cacheDir: string;

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "image-store-"));
});
afterEach(async () => {
  await rm(cacheDir, { recursive: true, force: true });
});

const OPENCLAW = "ghcr.io/openclaw/openclaw:2026.9.6";

/** Puts down what npm would, as far as anybody here looks at it. */
const fakeNpm: RunNpm = async ({ name, version, folder }) => {
  await mkdir(join(folder, "node_modules", name), { recursive: true });
  await writeFile(join(folder, "node_modules", name, "package.json"), JSON.stringify({ name, version }));
};

function resolver(runNpm: RunNpm) {
  const store = createImageStore({ cacheDir, runNpm });
  const lines: string[] = [];
  return { lines, resolve: (ref: string) => store.resolve(ref, { progress: (line) => lines.push(line) }) };
}

describe("an agent from npm", () => {
  it("is the real one, installed once, by name and version", async () => {
    let runs = 0;
    const { resolve, lines } = resolver((wanted) => {
      runs += 1;
      return fakeNpm(wanted);
    });
    const images = await Promise.all([resolve(OPENCLAW), resolve(OPENCLAW)]);
    images.push(await resolve(OPENCLAW));
    expect(images.map((image) => [image.real, image.description])).toEqual(
      Array(3).fill([true, "The real OpenClaw 2026.9.6, from npm."]),
    );
    expect(runs).toBe(1);
    expect(lines.filter((line) => line.startsWith("installing"))).toHaveLength(2);
    expect(await readdir(join(cacheDir, "npm"))).toEqual(["openclaw@2026.9.6"]);
  });

  it("is found again by the next program, and can be entered by whoever the agent runs as", async () => {
    await resolver(fakeNpm).resolve(OPENCLAW);
    const { resolve } = resolver(() => Promise.reject(new Error("must not be called")));
    expect((await resolve(OPENCLAW)).real).toBe(true);
    expect((await stat(join(cacheDir, "npm", "openclaw@2026.9.6"))).mode & 0o777).toBe(0o755);
  });

  it("keeps the command, and names what stands in for the image's programs by its path", async () => {
    const image = await resolver(fakeNpm).resolve(OPENCLAW);
    const argv = ["/bin/sh", "-c", "boot", "--", "tini", "--", "node", "dist/index.js", "gateway"];
    expect(image.bundledCommand?.(argv)).toEqual([
      ...["/bin/sh", "-c", "boot", "--", "/opt/localcloud/stand-ins/tini", "--"],
      ...["node", "dist/index.js", "gateway"],
    ]);
  });

  it("gives way to the page when npm fails, says why everywhere, and leaves nothing half done", async () => {
    const { resolve, lines } = resolver(async ({ folder }) => {
      await mkdir(join(folder, "node_modules"));
      throw new Error("npm failed: ENOTFOUND: no network");
    });
    const image = await resolve(OPENCLAW);
    expect(image.real).toBe(false);
    expect(image.description).toBe("A built-in page, not OpenClaw: npm failed: ENOTFOUND: no network.");
    expect(image.env.LOCALCLOUD_PAGE).toContain("ENOTFOUND: no network");
    expect(lines).toContain("OpenClaw 2026.9.6 could not be installed: npm failed: ENOTFOUND: no network");
    expect(image.bundledCommand?.(["anything"])).toEqual(image.cmd);
    expect(await readdir(join(cacheDir, "npm"))).toEqual([]);
  });

  it("is refused when npm put another version there", async () => {
    const { resolve } = resolver((wanted) => fakeNpm({ ...wanted, version: "1.0.0" }));
    expect((await resolve(OPENCLAW)).description).toContain(
      "npm installed openclaw@1.0.0 instead of 2026.9.6",
    );
  });

  it("is not guessed at from a tag that moves, or from a digest alone", async () => {
    const { resolve } = resolver(fakeNpm);
    expect((await resolve("ghcr.io/openclaw/openclaw:latest")).description).toBe(
      'A built-in page, not OpenClaw: "latest" does not name a version.',
    );
    expect((await resolve(`ghcr.io/openclaw/openclaw@sha256:${"0".repeat(64)}`)).real).toBe(false);
  });
});

describe("what npm does not have", () => {
  it("is a page that says so, whatever command was configured", async () => {
    const image = await resolver(fakeNpm).resolve("docker.io/paulgauthier/aider-full:v0.86.2");
    expect(image.description).toBe("A built-in page, not Aider: it cannot be installed from npm.");
    expect(image.bundledCommand?.(["/bin/sh", "-c", "exec aider"])).toEqual(image.cmd);
  });

  it("runs the configured command of somebody's own image, and the page where there is none", async () => {
    const image = await resolver(fakeNpm).resolve("nikolaik/python-nodejs:python3.12-nodejs22");
    expect(image.bundledCommand).toBeUndefined();
    expect(image.entrypoint).toEqual([]);
    expect(image.cmd.at(-1)).toMatch(/page\/main\.ts$/);
  });

  it("is the probe where the probe is asked for", async () => {
    expect((await resolver(fakeNpm).resolve("gentity/probe:1")).description).toContain("answers ok");
  });
});
