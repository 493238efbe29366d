import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readHostConfig } from "./config.ts";

const root = mkdtempSync(join(tmpdir(), "gentity-config-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const CONFIG = { controlUrl: "https://a.test/", instanceId: "cmp1", enrolmentSecret: "hush", volume: null };

function configAt(path: string, content: object): string {
  const file = join(root, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
  return file;
}

describe("the host's configuration", () => {
  it("says by its place where the server's root is", () => {
    const config = readHostConfig(configAt("etc/gentity/host.json", CONFIG), join(root, "state"));
    expect(config).toMatchObject({
      controlUrl: "https://a.test",
      dataDir: join(root, "mnt/gentity/data"),
      isFolder: true,
    });
    expect(readHostConfig(configAt("host.json", CONFIG), join(root, "state"))).toMatchObject({
      dataDir: "/mnt/gentity/data",
      isFolder: false,
    });
  });

  it("is refused without telling its secret", () => {
    const file = configAt("bad.json", { ...CONFIG, controlUrl: "ftp://x", volume: 7 });
    expect(() => readHostConfig(file, join(root, "state"))).toThrow(
      /bad\.json is not valid: controlUrl, volume$/,
    );
  });
});
