/**
 * Bundles the host program into one file that is part of the Worker. As a program it writes the file where `wrangler deploy`
 * picks it up; the other ways of bundling the Worker take it from memory.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

const ROOT = resolve(import.meta.dirname, "../..");
/** As `src/host-program.ts` imports it. */
const OUTPUT = ".gentity/host-program.txt";
const IMPORTED = /\/host-program\.txt$/;

/** Its dependencies are written for CommonJS. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** The same sources make the same bytes, wherever they lie. */
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

export const hostProgramPlugin: Plugin = {
  name: "host-program",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: IMPORTED }, () => ({ path: OUTPUT, namespace: "host-program" }));
    onLoad({ filter: /./, namespace: "host-program" }, async () => ({
      contents: await bundleHostProgram(),
      loader: "text",
    }));
  },
};

/** Without an ending, by which the tests' runtime would look for a file. */
const VIRTUAL = "\0host-program";

/** The same for the tests that run inside workerd, which Vite bundles. */
export const hostProgramVitePlugin = {
  name: "host-program",
  enforce: "pre" as const,
  resolveId: (id: string) => (IMPORTED.test(id) ? VIRTUAL : undefined),
  load: async (id: string) =>
    id === VIRTUAL ? `export default ${JSON.stringify(await bundleHostProgram())};` : undefined,
};

if (import.meta.main) {
  const file = join(ROOT, OUTPUT);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, await bundleHostProgram());
}
