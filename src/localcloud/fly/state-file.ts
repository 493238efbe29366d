import { join } from "node:path";
import { JsonFile, loadJson } from "../json-file.ts";
import type { AppRecord, CloudState, MachineRecord, VolumeRecord } from "./records.ts";

/** Destroyed machines still answer; this many of them are remembered. */
const REMEMBERED_DESTROYED = 500;

/** The cloud's memory: plain maps, kept in one file. */
export class StateFile {
  readonly apps: Map<string, AppRecord>;
  readonly machines: Map<string, MachineRecord>;
  readonly volumes: Map<string, VolumeRecord>;
  private readonly file: JsonFile;

  constructor(dir: string, onError: (error: unknown) => void) {
    const file = join(dir, "fly.json");
    this.file = new JsonFile(file, () => this.content(), onError);
    const state = loadJson<CloudState>(file, { apps: {}, machines: {}, volumes: {} });
    this.apps = new Map(Object.entries(state.apps));
    this.machines = new Map(Object.entries(state.machines));
    this.volumes = new Map(Object.entries(state.volumes));
  }

  /** Asks for a write. The caller need not wait. */
  changed(): void {
    this.file.changed();
  }

  /** Resolves when everything up to now is on disk. */
  saved(): Promise<void> {
    return this.file.saved();
  }

  private content(): CloudState {
    this.forgetOldest();
    return {
      apps: Object.fromEntries(this.apps),
      machines: Object.fromEntries(this.machines),
      volumes: Object.fromEntries(this.volumes),
    };
  }

  private forgetOldest(): void {
    const destroyed = [...this.machines.values()].filter(({ state }) => state === "destroyed");
    for (const { id } of destroyed.slice(0, -REMEMBERED_DESTROYED)) this.machines.delete(id);
  }
}
