import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadSecrets } from "./state.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gentity-state-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kept = () => JSON.parse(readFileSync(join(folder, "secrets.json"), "utf8"));

it("makes the secrets once", () => {
  const made = loadSecrets(folder);
  expect(made.adminToken).toMatch(/^[\w-]{43}$/);
  expect(kept()).toEqual(made);
  expect(loadSecrets(folder)).toEqual(made);
});

it("gives an older folder the secret that it lacks, once, and keeps the others", () => {
  const { adminToken: _, ...older } = loadSecrets(folder);
  writeFileSync(join(folder, "secrets.json"), JSON.stringify(older));
  const upgraded = loadSecrets(folder);
  expect(upgraded).toEqual({ ...older, adminToken: expect.stringMatching(/^[\w-]{43}$/) });
  expect(kept()).toEqual(upgraded);
  expect(loadSecrets(folder)).toEqual(upgraded);
  expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
});
