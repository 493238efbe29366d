import { createHash } from "node:crypto";
import { parseReference } from "../../docker-engine-client/reference.ts";
import type { ImageStore, ResolvedImage } from "../images/image.ts";
import type { ImageRecord } from "./records.ts";
import { noSuchImage } from "./refusal.ts";

/** The images this engine has: those that were pulled. What each of them really is, is for the image store to say. */
export class ImageList {
  private readonly records: ImageRecord[];
  private readonly store: ImageStore;
  private readonly changed: () => void;

  constructor(records: ImageRecord[], store: ImageStore, changed: () => void) {
    this.records = records;
    this.store = store;
    this.changed = changed;
  }

  /** By name, name and digest, or id. A tag beside a digest says nothing more. */
  find(name: string): ImageRecord {
    const image = this.records.find(({ id, key }) => key === keyOf(name) || id === name);
    if (!image) throw noSuchImage(name);
    return image;
  }

  list(): readonly ImageRecord[] {
    return this.records;
  }

  async pull(ref: string, progress: (line: string) => void): Promise<ImageRecord> {
    const key = keyOf(ref);
    await this.store.resolve(ref, { progress });
    const known = this.records.find((image) => image.key === key);
    if (known) return known;
    const id = `sha256:${createHash("sha256").update(key).digest("hex")}`;
    const image = { id, key, ref, pulledAt: new Date().toISOString() };
    this.records.push(image);
    this.changed();
    return image;
  }

  /** The reference as the container has it may name a version that the pull, by digest, did not. */
  resolve(ref: string, progress: (line: string) => void): Promise<ResolvedImage> {
    const named = ref.startsWith("sha256:") ? this.find(ref).ref : ref;
    return this.store.resolve(named, { progress });
  }

  remove(name: string): ImageRecord {
    const image = this.find(name);
    this.records.splice(this.records.indexOf(image), 1);
    this.changed();
    return image;
  }
}

function keyOf(ref: string): string {
  const { repository, tag = "latest", digest } = parseReference(ref);
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
}
