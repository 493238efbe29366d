import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Every module that would be loaded if the data path were all there is. */
async function modulesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    external: ["cloudflare:*", "node:*"],
    metafile: true,
    write: false,
    logLevel: "error",
  });
  return Object.keys(metafile.inputs);
}

it("the data path runs no code of the API, and none of what the API is made of", async () => {
  const modules = await modulesOf("src/edge/handle.ts");
  const folders = new Set(modules.map((path) => path.split("/").slice(0, 2).join("/")));
  expect(modules).toContain("src/edge/forward.ts");
  const ours = [...folders].filter((folder) => folder.startsWith("src/")).sort();
  expect(ours).toEqual([
    "src/auth",
    "src/edge",
    "src/env-bodies.ts",
    "src/env-oidc.ts",
    "src/env.ts",
    "src/ids.ts",
    "src/instance",
    "src/log.ts",
    "src/origins.ts",
    "src/traffic",
  ]);
  // Of the objects' folder only the way to reach them and how long a visit counts, and of the traffic's its columns.
  const others = modules.filter((path) => /^src\/(instance|traffic)\//.test(path));
  expect(others.sort()).toEqual([
    "src/instance/activity.ts",
    "src/instance/stub.ts",
    "src/traffic/columns.ts",
  ]);
  const packages = new Set(
    modules.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  expect([...packages].sort()).toEqual(["jose", "nanoid", "ulid"]);
});
