import { mkdirSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AppRecord, CloudState, MachineRecord, VolumeRecord } from "./records.ts";

/** Destroyed machines still answer; this many of them are remembered. */
const REMEMBERED_DESTROYED = 500;

/**
 * The cloud's memory: plain maps, written whole to one file. A write that an answer depends on is awaited through `saved`;
 * changes that come while one is under way share the next.
 */
export class StateFile {
  readonly apps: Map<string, AppRecord>;
  readonly machines: Map<string, MachineRecord>;
  readonly volumes: Map<string, VolumeRecord>;
  private readonly file: string;
  private writing: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  private readonly onError: (error: unknown) => void;

  constructor(dir: string, onError: (error: unknown) => void) {
    this.onError = onError;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.file = join(dir, "fly.json");
    const state = load(this.file);
    this.apps = new Map(Object.entries(state.apps));
    this.machines = new Map(Object.entries(state.machines));
    this.volumes = new Map(Object.entries(state.volumes));
  }

  /** Asks for a write. The caller need not wait. */
  changed(): void {
    this.saved().catch(this.onError);
  }

  /** Resolves when everything up to now is on disk. */
  saved(): Promise<void> {
    if (!this.writing) {
      this.writing = this.write().finally(() => {
        this.writing = undefined;
      });
      return this.writing;
    }
    this.next ??= this.writing.then(() => {
      this.next = undefined;
      return this.saved();
    });
    return this.next;
  }

  private async write(): Promise<void> {
    // A tick later, so that changes made together are written together.
    await Promise.resolve();
    this.forgetOldest();
    const text = JSON.stringify({
      apps: Object.fromEntries(this.apps),
      machines: Object.fromEntries(this.machines),
      volumes: Object.fromEntries(this.volumes),
    } satisfies CloudState);
    const draft = `${this.file}.draft`;
    // Configurations hold customers' keys: nobody else on this computer may read them.
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, this.file);
  }

  private forgetOldest(): void {
    const destroyed = [...this.machines.values()].filter(({ state }) => state === "destroyed");
    for (const { id } of destroyed.slice(0, -REMEMBERED_DESTROYED)) this.machines.delete(id);
  }

  get dir(): string {
    return dirname(this.file);
  }
}

function load(file: string): CloudState {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as CloudState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { apps: {}, machines: {}, volumes: {} };
    // Starting empty would orphan every machine's disk; a person has to look.
    throw new Error(`${file} cannot be read`, { cause: error });
  }
}
