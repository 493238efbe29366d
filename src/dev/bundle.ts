import { build } from "esbuild";
import { madeModulesPlugin } from "./made-modules.ts";

/** The Worker as one ES module, as `wrangler deploy` makes it. */
export async function bundleWorker(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    jsx: "automatic",
    jsxImportSource: "hono/jsx",
    plugins: [madeModulesPlugin],
    write: false,
    logLevel: "error",
  });
  const [output] = result.outputFiles;
  if (!output) {
    throw new Error(`bundling ${entry} made no output`);
  }
  return output.text;
}
