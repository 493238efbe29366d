import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { unstable_getMiniflareWorkerOptions as readWranglerToml } from "wrangler";
import { type Child, startChild, within } from "../child.ts";

const root = resolve(import.meta.dirname, "../../..");
const START_MS = 30_000;
/** Descriptor on which workerd tells which port it got. */
const CONTROL = 3;

export interface RunningWorker {
  port: number;
  child: Child;
}

export interface WorkerOptions {
  name: string;
  /** One ES module. */
  code: string;
  bindings: Record<string, string>;
  tempDir: string;
  core: number;
}

/** A Worker as it runs in production: `workerd serve`, nothing in front. Its flags are the same for every Worker. */
export async function serveWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { name, code, bindings, tempDir, core } = options;
  writeFileSync(join(tempDir, `${name}.js`), code);
  const configPath = join(tempDir, `${name}.capnp`);
  writeFileSync(configPath, workerConfig(name, bindings));
  const child = startChild(
    join(root, "node_modules/.bin/workerd"),
    ["serve", "--experimental", `--control-fd=${CONTROL}`, configPath],
    { core, stdio: ["ignore", "pipe", "pipe", "pipe"] },
  );
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

function workerConfig(name: string, bindings: Record<string, string>): string {
  const { compatibilityDate, compatibilityFlags } = readWranglerToml(
    join(root, "wrangler.toml"),
  ).workerOptions;
  const flags = (compatibilityFlags ?? []) as string[];
  // JSON's strings are also Cap'n Proto's, as long as they are ASCII.
  const text = JSON.stringify;
  const texts = Object.entries(bindings).map(
    ([key, value]) => `(name = ${text(key)}, text = ${text(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "loopback", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed ${text(`${name}.js`)})],
  compatibilityDate = ${text(String(compatibilityDate))},
  compatibilityFlags = [${flags.map((flag) => text(flag)).join(", ")}],
  bindings = [${texts.join(", ")}],
  globalOutbound = "loopback",
);
`;
}
