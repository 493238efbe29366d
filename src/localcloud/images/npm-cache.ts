import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { npmInstall, type RunNpm } from "./npm-run.ts";

export type Progress = (line: string) => void;

interface Installation {
  done: Promise<string>;
  listeners: Set<Progress>;
}

const HEARTBEAT_MS = 3_000;
/** A first try that failed is not repeated by everyone who wants the same in this time. */
const FAILURE_KEPT_MS = 30_000;
/** An unfinished installation as old as this has nobody left who works on it. */
const ABANDONED_MS = 60 * 60_000;
const UNFINISHED = ".installing-";

/** Packages of npm, each in a folder of its own, installed once for all machines. */
export class NpmCache {
  private readonly dir: string;
  private readonly run: RunNpm;
  private readonly running = new Map<string, Installation>();

  constructor(dir: string, run: RunNpm = npmInstall) {
    this.dir = dir;
    this.run = run;
  }

  /** The folder that holds `node_modules`. Whoever asks for what is being installed waits for the same installation. */
  async install(name: string, version: string, progress: Progress): Promise<string> {
    const key = `${name}@${version}`;
    const target = join(this.dir, key.replaceAll("/", "+"));
    if (await exists(target)) return target;
    const known = this.running.get(key);
    if (known) {
      known.listeners.add(progress);
      return known.done;
    }
    const listeners = new Set([progress]);
    const tell: Progress = (line) => {
      for (const listener of listeners) listener(line);
    };
    const done = this.installNow({ name, version, target, tell });
    this.running.set(key, { done, listeners });
    const forget = () => this.running.delete(key);
    done.then(forget, () => setTimeout(forget, FAILURE_KEPT_MS).unref());
    return done;
  }

  private async installNow(wanted: {
    name: string;
    version: string;
    target: string;
    tell: Progress;
  }): Promise<string> {
    const { name, version, target, tell } = wanted;
    const startedAt = Date.now();
    const seconds = () => Math.round((Date.now() - startedAt) / 1000);
    const what = `${name}@${version}`;
    await mkdir(this.dir, { recursive: true });
    await this.removeAbandoned();
    const unfinished = await mkdtemp(join(this.dir, UNFINISHED));
    tell(`installing ${what} from npm …`);
    const heartbeat = setInterval(() => tell(`installing ${what} … ${seconds()} s`), HEARTBEAT_MS);
    try {
      await this.run({ name, version, folder: unfinished });
      await checkVersion(unfinished, name, version);
      // A temporary folder is its maker's alone, and agents do not run as that one.
      await chmod(unfinished, 0o755);
      await rename(unfinished, target).catch(async (error: unknown) => {
        // Another program was faster. What it has is as good.
        if (!(await exists(target))) throw error;
      });
      tell(`installed ${what} in ${seconds()} s`);
      return target;
    } finally {
      clearInterval(heartbeat);
      await rm(unfinished, { recursive: true, force: true });
    }
  }

  private async removeAbandoned(): Promise<void> {
    const names = (await readdir(this.dir)).filter((name) => name.startsWith(UNFINISHED));
    for (const path of names.map((name) => join(this.dir, name))) {
      const touched = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => Number.POSITIVE_INFINITY,
      );
      if (Date.now() - touched > ABANDONED_MS) await rm(path, { recursive: true, force: true });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function checkVersion(folder: string, name: string, version: string): Promise<void> {
  const manifest: unknown = JSON.parse(
    await readFile(join(folder, "node_modules", name, "package.json"), "utf8"),
  );
  const found =
    typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : "?";
  if (found !== version) throw new Error(`npm installed ${name}@${String(found)} instead of ${version}`);
}
