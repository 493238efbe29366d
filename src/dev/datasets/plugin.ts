/** Analytics datasets of the local stack, as an extension of Miniflare: it is named there by the path of this file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";

const NAME = "local-datasets";
const TYPE = "dataset";
const MODULE = `${NAME}:binding`;

interface WorkerOptions {
  config: { env?: Record<string, { type: string; dev?: { options?: object } }> };
}

const bindingsOf = ({ config }: WorkerOptions) =>
  Object.entries(config.env ?? {}).filter(([, { type }]) => type === `unsafe:${TYPE}`);

export const plugins = {
  [NAME]: {
    getBindings: (worker: WorkerOptions) =>
      bindingsOf(worker).map(([name, { dev }]) => ({
        name,
        wrapped: {
          moduleName: MODULE,
          innerBindings: [{ name: "options", json: JSON.stringify(dev?.options) }],
        },
      })),
    getNodeBindings: () => ({}),
    getServices: () => [],
    getExtensions: () => [{ modules: [{ name: MODULE, esModule: bindingModule(), internal: true }] }],
  },
};

function bindingModule(): string {
  const source = readFileSync(join(import.meta.dirname, "binding.ts"), "utf8");
  return transformSync(source, { loader: "ts", format: "esm" }).code;
}

/** A binding that writes to the local cloud's dataset. */
export function datasetBinding(name: string, options: { url: string; token: string }) {
  return { name, type: TYPE, plugin: { package: import.meta.filename, name: NAME }, options };
}
