import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { unstable_getMiniflareWorkerOptions as readWranglerToml } from "wrangler";
import { type Child, startChild, within } from "../child.ts";

const root = resolve(import.meta.dirname, "../../..");
const WORKERD = join(root, "node_modules/.bin/workerd");
const START_MS = 30_000;
/** Descriptor on which workerd tells which port it got. */
const CONTROL = 3;

export interface RunningWorker {
  port: number;
  child: Child;
}

export interface WorkerOptions {
  name: string;
  parts: WorkerParts;
  tempDir: string;
  core?: number;
}

/** What a Worker is made of; the lists are entries of workerd's own configuration. */
export interface WorkerParts {
  /** The first is its entry point. */
  modules: Module[];
  texts: Record<string, string>;
  bindings?: string[];
  services?: string[];
  extensions?: string[];
  /** Classes of objects, kept in memory. */
  objects?: string[];
}

export interface Module {
  name: string;
  kind: "esModule" | "text";
  code: string;
}

/** A Worker as it runs in production: `workerd serve`, nothing in front. Its flags are the same for every Worker. */
export async function serveWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { name, parts, tempDir, core } = options;
  const folder = join(tempDir, name);
  mkdirSync(folder, { recursive: true });
  for (const module of parts.modules) {
    writeFileSync(join(folder, module.name), module.code);
  }
  const configPath = join(folder, "config.capnp");
  writeFileSync(configPath, workerConfig(parts));
  const child = startChild(WORKERD, ["serve", "--experimental", `--control-fd=${CONTROL}`, configPath], {
    ...(core === undefined ? {} : { core }),
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const port = readPort(child.process.stdio[CONTROL] as Readable);
  return { child, port: await within(`workerd with ${name}`, START_MS, Promise.race([port, child.crashed])) };
}

function readPort(control: Readable): Promise<number> {
  return new Promise((resolve) => {
    createInterface({ input: control }).on("line", (line) => {
      const message = JSON.parse(line) as { event: string; port?: number };
      if (message.event === "listen" && message.port !== undefined) {
        resolve(message.port);
      }
    });
  });
}

/** JSON's strings are also Cap'n Proto's, as long as they are ASCII. */
const text = JSON.stringify;

function workerConfig(parts: WorkerParts): string {
  const { modules, texts, bindings = [], services = [], extensions = [], objects = [] } = parts;
  const { compatibilityDate, compatibilityFlags } = readWranglerToml(
    join(root, "wrangler.toml"),
  ).workerOptions;
  const flags = (compatibilityFlags ?? []) as string[];
  const list = (entries: string[]) => entries.join(",\n    ");
  const ownBindings = [
    ...Object.entries(texts).map(([key, value]) => `(name = ${text(key)}, text = ${text(value)})`),
    ...bindings,
  ];
  const embedded = modules.map(({ name, kind }) => `(name = ${text(name)}, ${kind} = embed ${text(name)})`);
  const namespaces = objects.map(
    (name) => `(className = ${text(name)}, uniqueKey = ${text(name)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "loopback", network = (allow = ["private"])),
    ${list(services)}
  ],
  extensions = [${list(extensions)}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [${list(embedded)}],
  compatibilityDate = ${text(String(compatibilityDate))},
  compatibilityFlags = [${flags.map((flag) => text(flag)).join(", ")}],
  bindings = [${list(ownBindings)}],
  globalOutbound = "loopback",
  durableObjectNamespaces = [${list(namespaces)}],
  durableObjectStorage = (inMemory = void),
);
`;
}
