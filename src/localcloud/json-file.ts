import { mkdirSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

export interface JsonFileOptions<T> {
  file: string;
  /** What is to be kept, as it is at the moment of a write. */
  content(): T;
  onError(error: unknown): void;
}

/**
 * A vendor's memory, written whole to one file. A write that an answer depends on is awaited through `saved`; changes that
 * come while one is under way share the next.
 */
export class JsonFile<T> {
  private readonly options: JsonFileOptions<T>;
  private writing: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  constructor(options: JsonFileOptions<T>) {
    this.options = options;
    mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 });
  }

  /** Asks for a write. The caller need not wait. */
  changed(): void {
    this.saved().catch(this.options.onError);
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
    const { file, content } = this.options;
    const text = JSON.stringify(content());
    const draft = `${file}.draft`;
    // Configurations hold customers' keys: nobody else on this computer may read them.
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  }
}

/** @throws Error for a file that is there and cannot be read: starting empty would orphan every machine's disk. */
export function loadJson<T>(file: string, empty: T): T {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return empty;
    throw new Error(`${file} cannot be read`, { cause: error });
  }
}
