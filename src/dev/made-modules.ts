/**
 * Modules of the Worker that are made from other sources of this repository. As a program it writes them where
 * `wrangler deploy` picks them up; the other ways of bundling the Worker take them from memory.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Plugin } from "esbuild";
import { bundleBrowserAssets } from "./browser-assets.ts";
import { collectDocumentation } from "./documentation/collect.ts";
import { bundleHostProgram } from "./host-program.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** By the end of the path they are imported by, which is a file of this name in `.gentity/`. */
const MAKERS: Record<string, () => Promise<string>> = {
  "host-program": bundleHostProgram,
  "browser-assets": bundleBrowserAssets,
  documentation: collectDocumentation,
};
const IMPORTED = new RegExp(`/(${Object.keys(MAKERS).join("|")})\\.txt$`);

const made = new Map<string, Promise<string>>();

/** Made once in a process, however many bundles need it. */
function make(name: string): Promise<string> {
  const known = made.get(name) ?? MAKERS[name]?.() ?? Promise.reject(new Error(`nothing makes ${name}`));
  made.set(name, known);
  return known;
}

export const madeModulesPlugin: Plugin = {
  name: "made-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: IMPORTED }, ({ path }) => ({
      path: IMPORTED.exec(path)?.[1] ?? path,
      namespace: "made-modules",
    }));
    onLoad({ filter: /./, namespace: "made-modules" }, async ({ path }) => ({
      contents: await make(path),
      loader: "text",
    }));
  },
};

/** Without an ending, by which the tests' runtime would look for a file. */
const VIRTUAL = "\0made-module:";

/** The same for the tests that run inside workerd, which Vite bundles. */
export const madeModulesVitePlugin = {
  name: "made-modules",
  enforce: "pre" as const,
  resolveId: (id: string) => {
    const name = IMPORTED.exec(id)?.[1];
    return name === undefined ? undefined : VIRTUAL + name;
  },
  load: async (id: string) =>
    id.startsWith(VIRTUAL)
      ? `export default ${JSON.stringify(await make(id.slice(VIRTUAL.length)))};`
      : undefined,
};

if (import.meta.main) {
  for (const name of Object.keys(MAKERS)) {
    const file = join(ROOT, `.gentity/${name}.txt`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await make(name));
  }
}
