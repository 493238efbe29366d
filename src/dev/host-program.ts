import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/** Its dependencies are written for CommonJS. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** The host program as one file. The same sources make the same bytes, wherever they lie. */
export async function bundleHostProgram(): Promise<string> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/host/main.ts"],
    bundle: true,
    format: "esm",
    platform: "node",
    // Debian 12's.
    target: "node18",
    minify: true,
    // `ws` tries them, and does without.
    external: ["bufferutil", "utf-8-validate"],
    banner: { js: BANNER },
    legalComments: "none",
    write: false,
    logLevel: "error",
  });
  const [output] = result.outputFiles;
  if (!output) {
    throw new Error("bundling the host program made no output");
  }
  return output.text;
}
