import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");
const SCRIPTS = "src/dashboard/client";
const STYLES = "src/dashboard/styles";

/**
 * What the dashboard's pages load: each `client/*.ts` and `styles/*.css` that stands alone there becomes one file of its
 * name; what they share lies in folders below. As JSON: `{ "name.js": text }`.
 */
export async function bundleBrowserAssets(): Promise<string> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: [...entries(SCRIPTS, ".ts"), ...entries(STYLES, ".css")],
    bundle: true,
    format: "esm",
    platform: "browser",
    target: ["chrome123", "firefox123", "safari17.5"],
    minify: true,
    legalComments: "none",
    outdir: "/",
    entryNames: "[name]",
    write: false,
    logLevel: "error",
  });
  const files = result.outputFiles.map(({ path, text }) => [basename(path), text] as const);
  return JSON.stringify(Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1))));
}

function entries(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith(ending) && !name.endsWith(`.test${ending}`))
    .map((name) => `${folder}/${name}`)
    .sort();
}
