import { mkdirSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** A value's place on disk. @throws when what is there cannot be read: starting empty would orphan what it names. */
export function loadJson<T>(file: string, empty: T): T {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return empty;
    throw new Error(`${file} cannot be read`, { cause: error });
  }
}

/** Keeps a value in a file, written whole. Changes that come while one write is under way share the next. */
export class JsonFile {
  private readonly file: string;
  private readonly value: () => unknown;
  private readonly onError: (error: unknown) => void;
  private writing: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(file: string, value: () => unknown, onError: (error: unknown) => void) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.file = file;
    this.value = value;
    this.onError = onError;
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
    const text = JSON.stringify(this.value());
    const draft = `${this.file}.draft`;
    // What is kept may be secret: nobody else on this computer may read it.
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, this.file);
  }
}
