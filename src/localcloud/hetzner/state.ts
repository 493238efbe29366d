import { join } from "node:path";
import { JsonFile, loadJson } from "../json-file.ts";
import type {
  ActionRecord,
  FirewallRecord,
  HetznerRecords,
  ResourceType,
  ServerRecord,
  VolumeRecord,
} from "./records.ts";

const FIRST_ID = 100_001;
/** Actions that are over are remembered for a while. */
const REMEMBERED_ACTIONS = 1000;

/** The vendor's memory. */
export class HetznerState {
  readonly servers: Map<number, ServerRecord>;
  readonly volumes: Map<number, VolumeRecord>;
  readonly firewalls: Map<number, FirewallRecord>;
  readonly actions: Map<number, ActionRecord>;
  socketDir: string | undefined;
  private readonly file: JsonFile;
  private nextId: number;

  constructor(dir: string, onError: (error: unknown) => void) {
    const path = join(dir, "hetzner.json");
    const empty = { nextId: FIRST_ID, servers: [], volumes: [], firewalls: [], actions: [] };
    const loaded = loadJson<HetznerRecords>(path, empty);
    this.nextId = loaded.nextId;
    this.servers = byId(loaded.servers);
    this.volumes = byId(loaded.volumes);
    this.firewalls = byId(loaded.firewalls);
    this.actions = byId(loaded.actions);
    this.socketDir = loaded.socketDir;
    this.file = new JsonFile(path, () => this.records(), onError);
  }

  newId(): number {
    this.nextId += 1;
    return this.nextId - 1;
  }

  changed(): void {
    this.file.changed();
  }

  saved(): Promise<void> {
    return this.file.saved();
  }

  volumesOf(server: number): VolumeRecord[] {
    return [...this.volumes.values()].filter((volume) => volume.server === server);
  }

  /** The newest first. */
  actionsOf(type: ResourceType, id: number): ActionRecord[] {
    return [...this.actions.values()]
      .filter(({ resources }) => resources.some((resource) => resource.type === type && resource.id === id))
      .reverse();
  }

  private records(): HetznerRecords {
    const over = [...this.actions.values()].filter(({ status }) => status !== "running");
    for (const { id } of over.slice(0, -REMEMBERED_ACTIONS)) this.actions.delete(id);
    return {
      nextId: this.nextId,
      servers: [...this.servers.values()],
      volumes: [...this.volumes.values()],
      firewalls: [...this.firewalls.values()],
      actions: [...this.actions.values()],
      ...(this.socketDir === undefined ? {} : { socketDir: this.socketDir }),
    };
  }
}

function byId<T extends { id: number }>(records: T[]): Map<number, T> {
  return new Map(records.map((record) => [record.id, record]));
}
