import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import type { Module, WorkerParts } from "./workerd.ts";

const root = resolve(import.meta.dirname, "../../..");
const doubles = join(import.meta.dirname, "../worker");

/** The Worker as `wrangler deploy` uploads it, to the byte. */
export function productionBundle(tempDir: string): Module[] {
  const outdir = join(tempDir, "deploy");
  const wrangler = join(root, "node_modules/.bin/wrangler");
  const { status, stderr } = spawnSync(wrangler, ["deploy", "--dry-run", "--outdir", outdir], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new Error(`wrangler did not bundle the Worker\n${stderr}`);
  }
  return readdirSync(outdir)
    .filter((name) => name === "index.js" || name.endsWith(".txt"))
    .map((name) => ({
      name,
      kind: name.endsWith(".txt") ? "text" : "esModule",
      code: readFileSync(join(outdir, name), "utf8"),
    }));
}

/** What is uploaded, in bytes. */
export function sizeOf(bundle: Module[]): { raw: number; gzip: number } {
  const all = Buffer.concat(bundle.map(({ code }) => Buffer.from(code)));
  return { raw: all.length, gzip: gzipSync(all).length };
}

const OBJECTS = { INSTANCES: "InstanceObject", ACCOUNTS: "AccountObject", HOSTS: "HostObject" };
const ENTRY = 'import "./clock.js";\nexport * from "./index.js";\nexport { default } from "./index.js";\n';

/** The production bundle, untouched, with doubles of the bindings that `workerd serve` does not have. */
export function productionWorker(bundle: Module[], texts: Record<string, string>): WorkerParts {
  const double = (name: string) => readFileSync(join(doubles, name), "utf8");
  const nowhere = (name: string) => `(name = "${name}", wrapped = (moduleName = "bench:bindings"))`;
  return {
    modules: [
      { name: "worker.js", kind: "esModule", code: ENTRY },
      { name: "clock.js", kind: "esModule", code: double("clock.js") },
      ...bundle,
    ],
    texts,
    bindings: [
      '(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "d1")]))',
      ...["EDGE_EVENTS", "MISS_LIMIT", "API_LIMIT"].map(nowhere),
      ...Object.entries(OBJECTS).map(
        ([name, className]) => `(name = "${name}", durableObjectNamespace = (className = "${className}"))`,
      ),
    ],
    services: [
      `(name = "d1", worker = (modules = [(name = "d1.js", esModule = ${JSON.stringify(double("d1.js"))})], compatibilityDate = "2026-10-20"))`,
    ],
    extensions: [
      `(modules = [(name = "bench:bindings", internal = true, esModule = ${JSON.stringify(double("bindings.js"))})])`,
    ],
    objects: Object.values(OBJECTS),
  };
}

export function bareWorker(texts: Record<string, string>): WorkerParts {
  const code = readFileSync(join(doubles, "bare.js"), "utf8");
  return { modules: [{ name: "worker.js", kind: "esModule", code }], texts };
}
