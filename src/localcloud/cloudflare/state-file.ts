import { join } from "node:path";
import { JsonFile, loadJson } from "../json-file.ts";
import type { CloudflareState, DnsRecord, TunnelRecord } from "./records.ts";

/** Deleted tunnels stay listed; this many of them are remembered. */
const REMEMBERED_DELETED = 200;

/** The vendor's memory: plain maps, kept in one file. */
export class CloudflareStateFile {
  readonly tunnels: Map<string, TunnelRecord>;
  readonly records: Map<string, DnsRecord>;
  private readonly file: JsonFile;

  constructor(dir: string, onError: (error: unknown) => void) {
    const path = join(dir, "cloudflare.json");
    const state = loadJson<CloudflareState>(path, { tunnels: {}, records: {} });
    this.tunnels = new Map(Object.entries(state.tunnels));
    this.records = new Map(Object.entries(state.records));
    this.file = new JsonFile(path, () => this.snapshot(), onError);
  }

  /** Asks for a write. The caller need not wait. */
  changed(): void {
    this.file.changed();
  }

  /** Resolves when everything up to now is on disk. */
  saved(): Promise<void> {
    return this.file.saved();
  }

  private snapshot(): CloudflareState {
    const deleted = [...this.tunnels.values()].filter(({ deletedAt }) => deletedAt !== undefined);
    for (const { id } of deleted.slice(0, -REMEMBERED_DELETED)) this.tunnels.delete(id);
    return { tunnels: Object.fromEntries(this.tunnels), records: Object.fromEntries(this.records) };
  }
}
