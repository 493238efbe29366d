import { join } from "node:path";
import { JsonFile, loadJson } from "../json-file.ts";
import type { DaytonaState, SandboxRecord } from "./records.ts";

export class DaytonaStateFile {
  readonly sandboxes: Map<string, SandboxRecord>;
  readonly builds: Set<string>;
  private readonly file: JsonFile;

  constructor(dir: string, onError: (error: unknown) => void) {
    const file = join(dir, "daytona.json");
    const content = (): DaytonaState => ({
      sandboxes: Object.fromEntries(this.sandboxes),
      builds: [...this.builds],
    });
    this.file = new JsonFile(file, content, onError);
    const state = loadJson<DaytonaState>(file, { sandboxes: {}, builds: [] });
    this.sandboxes = new Map(Object.entries(state.sandboxes));
    this.builds = new Set(state.builds);
  }

  /** Asks for a write. The caller need not wait. */
  changed(): void {
    this.file.changed();
  }

  /** Resolves when everything up to now is on disk. */
  saved(): Promise<void> {
    return this.file.saved();
  }
}
