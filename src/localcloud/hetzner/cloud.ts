/** The whole of what the vendor has: servers, volumes and firewalls, and what holds between them. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { removeTree } from "../runtime/remove-tree.ts";
import { Actions, type ActionWork, type Fate } from "./actions.ts";
import { alreadyAttached, locked, nameTaken, notAttached, notFound, stillAttached } from "./errors.ts";
import { Firewalls } from "./firewalls.ts";
import type { ActionRecord, ServerRecord, ServerStatus, VolumeRecord } from "./records.ts";
import { ExternalServer, type Server } from "./server/external-server.ts";
import { type AttachedVolume, LocalServer, type ServerContext } from "./server/local-server.ts";
import type { HetznerState } from "./state.ts";

export interface CloudOptions extends ServerContext {
  dir: string;
  state: HetznerState;
  /** Servers are played by something outside. */
  hasExternalServers?: boolean | undefined;
}

export type NewServer = Omit<ServerRecord, "id" | "status" | "created" | "wasBooted"> & {
  firewalls: number[];
  volumes: number[];
  startsAfterCreate: boolean;
};

export type NewVolume = Pick<VolumeRecord, "name" | "labels" | "sizeGb" | "location" | "format"> & {
  server: number | null;
  automount: boolean;
};

export interface Created<T> {
  made: T;
  action: ActionRecord | undefined;
  next: ActionRecord[];
}

export class HetznerCloud {
  readonly state: HetznerState;
  readonly actions: Actions;
  readonly firewalls: Firewalls;
  private readonly options: CloudOptions;
  private readonly locals = new Map<number, Server>();
  /** Which volumes their server mounts by itself. */
  private readonly automounted = new Set<number>();

  constructor(options: CloudOptions) {
    this.options = options;
    this.state = options.state;
    this.actions = new Actions(this.state, options.log);
    this.firewalls = new Firewalls(this.state, this.actions);
    for (const { id } of this.state.servers.values()) this.addLocal(id);
  }

  /** Takes up where an earlier run of the program ended, however it ended. */
  async recover(): Promise<void> {
    for (const local of this.locals.values()) await local.sweep();
    this.actions.recover();
    for (const server of [...this.state.servers.values()]) {
      if (server.status === "deleting") await this.erase(server);
      else if (server.status === "off" || server.status === "stopping") this.setStatus(server, "off");
      else await this.powerOn(server);
    }
  }

  async close(): Promise<void> {
    await this.actions.close();
    await Promise.all([...this.locals.values()].map((local) => local.powerOff()));
    await this.state.saved();
  }

  // ── Servers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  getServer(id: number): ServerRecord {
    const server = this.state.servers.get(id);
    if (!server) throw notFound("server", id);
    return server;
  }

  async createServer(wanted: NewServer, fate: Fate): Promise<Created<ServerRecord>> {
    const { firewalls, volumes, startsAfterCreate, ...given } = wanted;
    if ([...this.state.servers.values()].some(({ name }) => name === given.name)) throw nameTaken("server");
    for (const id of firewalls) this.firewalls.get(id);
    for (const id of volumes) this.mayAttach(this.getVolume(id));
    const server: ServerRecord = {
      ...given,
      id: this.state.newId(),
      status: "initializing",
      created: new Date().toISOString(),
      wasBooted: false,
    };
    this.state.servers.set(server.id, server);
    this.addLocal(server.id);
    for (const id of firewalls) this.firewalls.add(id, { type: "server", server: { id: server.id } });
    for (const id of volumes) this.claim(this.getVolume(id), server.id, given.automount);
    const works: ActionWork[] = [
      { command: "create_server", resources: [resource("server", server.id)], work: () => {} },
      ...volumes.map((id) => ({ command: "attach_volume", resources: both(id, server.id), work: () => {} })),
      ...(startsAfterCreate
        ? [
            {
              command: "start_server",
              resources: [resource("server", server.id)],
              work: () => this.powerOn(server),
            },
          ]
        : []),
    ];
    if (!startsAfterCreate) works.push(this.rest(server));
    const [action, ...next] = this.actions.run(works, fate);
    return { made: server, action, next };
  }

  /** A server that is not to be started is off when all else is done. */
  private rest(server: ServerRecord): ActionWork {
    const work = () => this.setStatus(server, "off");
    return { command: "stop_server", resources: [resource("server", server.id)], work };
  }

  act(id: number, order: ServerOrder, fate: Fate): ActionRecord {
    const server = this.getServer(id);
    const { command, during, work } = this.orders[order];
    const isEnd = order === "poweroff" || order === "reset";
    this.actions.check("server", id, { isEnd });
    if (server.status === "deleting") throw locked("server");
    // What is so already is done at once.
    const isPointless = (order === "poweron") === (server.status === "running") && order !== "reset";
    if (isPointless && order !== "reboot") return this.actions.done(command, [resource("server", id)]);
    if (during) this.setStatus(server, during);
    const [action] = this.actions.run(
      [{ command, resources: [resource("server", id)], work: () => work(server) }],
      fate,
    );
    return action as ActionRecord;
  }

  private readonly orders: Record<ServerOrder, Order> = {
    poweron: { command: "start_server", during: "starting", work: (server) => this.powerOn(server) },
    poweroff: { command: "stop_server", during: "stopping", work: (server) => this.powerOff(server) },
    // The signal is sent, and that is all it says: whether the server ends is to be seen.
    shutdown: { command: "shutdown_server", work: (server) => void this.shutDown(server) },
    reboot: {
      command: "reboot_server",
      work: async (server) => {
        await this.local(server.id).shutDown();
        await this.powerOn(server);
      },
    },
    reset: {
      command: "reset_server",
      work: async (server) => {
        await this.local(server.id).powerOff();
        await this.powerOn(server);
      },
    },
  };

  private async powerOn(server: ServerRecord): Promise<void> {
    const isFirstBoot = !server.wasBooted;
    server.wasBooted = true;
    await this.local(server.id).powerOn({
      name: server.name,
      userData: server.userData,
      isFirstBoot,
      volumes: this.state.volumesOf(server.id).map((volume) => this.attached(volume)),
    });
    this.setStatus(server, "running");
  }

  private async powerOff(server: ServerRecord): Promise<void> {
    await this.local(server.id).powerOff();
    this.setStatus(server, "off");
  }

  private async shutDown(server: ServerRecord): Promise<void> {
    this.setStatus(server, "stopping");
    await this.local(server.id).shutDown();
    if (server.status === "stopping") this.setStatus(server, "off");
  }

  deleteServer(id: number, fate: Fate): ActionRecord {
    const server = this.getServer(id);
    this.actions.check("server", id, { isEnd: true });
    this.setStatus(server, "deleting");
    const work: ActionWork = {
      command: "delete_server",
      resources: [resource("server", id)],
      work: () => this.erase(server),
    };
    return this.actions.run([work], fate)[0] as ActionRecord;
  }

  /** Its volumes and firewalls stay, without it. */
  private async erase({ id }: ServerRecord): Promise<void> {
    await this.local(id).remove();
    for (const volume of this.state.volumesOf(id)) this.free(volume);
    this.firewalls.forget(id);
    this.actions.end("server", id);
    this.locals.delete(id);
    this.state.servers.delete(id);
    this.state.changed();
  }

  /** As if it had never been. */
  async vanish(id: number): Promise<void> {
    const server = this.state.servers.get(id);
    if (server) await this.erase(server);
  }

  /** The power fails. */
  async crash(id: number): Promise<void> {
    await this.powerOff(this.getServer(id));
  }

  setStatus(server: ServerRecord, status: ServerStatus | (string & {})): void {
    server.status = status;
    this.state.changed();
  }

  // ── Volumes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  getVolume(id: number): VolumeRecord {
    const volume = this.state.volumes.get(id);
    if (!volume) throw notFound("volume", id);
    return volume;
  }

  async createVolume(wanted: NewVolume, fate: Fate): Promise<Created<VolumeRecord>> {
    const { server, automount, ...given } = wanted;
    if ([...this.state.volumes.values()].some(({ name }) => name === given.name)) throw nameTaken("volume");
    if (server !== null) this.actions.check("server", this.getServer(server).id);
    const volume: VolumeRecord = {
      ...given,
      id: this.state.newId(),
      created: new Date().toISOString(),
      server: null,
    };
    this.state.volumes.set(volume.id, volume);
    await mkdir(this.folderOf(volume), { recursive: true, mode: 0o755 });
    const works: ActionWork[] = [
      { command: "create_volume", resources: [resource("volume", volume.id)], work: () => {} },
    ];
    if (server !== null) {
      this.claim(volume, server, automount);
      const work = () => this.plug(volume);
      works.push({ command: "attach_volume", resources: both(volume.id, server), work });
    }
    const [action, ...next] = this.actions.run(works, fate);
    return { made: volume, action, next };
  }

  attach(id: number, server: number, { automount, ...fate }: Fate & { automount: boolean }): ActionRecord {
    const volume = this.getVolume(id);
    this.mayAttach(volume);
    this.actions.check("server", this.getServer(server).id);
    this.claim(volume, server, automount);
    const work = () => this.plug(volume);
    const [action] = this.actions.run(
      [{ command: "attach_volume", resources: both(id, server), work }],
      fate,
    );
    return action as ActionRecord;
  }

  detach(id: number, fate: Fate): ActionRecord {
    const volume = this.getVolume(id);
    const { server } = volume;
    if (server === null) throw notAttached(id);
    this.actions.check("volume", id);
    this.actions.check("server", server);
    const work = async () => {
      await this.local(server).detach(this.attached(volume));
      this.free(volume);
    };
    const [action] = this.actions.run(
      [{ command: "detach_volume", resources: both(id, server), work }],
      fate,
    );
    return action as ActionRecord;
  }

  resize(id: number, sizeGb: number, fate: Fate): ActionRecord {
    const volume = this.getVolume(id);
    this.actions.check("volume", id);
    const work = () => {
      volume.sizeGb = sizeGb;
    };
    const resources = [resource("volume", id)];
    return this.actions.run([{ command: "resize_volume", resources, work }], fate)[0] as ActionRecord;
  }

  async deleteVolume(id: number): Promise<void> {
    const volume = this.getVolume(id);
    if (volume.server !== null) throw stillAttached(id);
    this.actions.check("volume", id, { isEnd: true });
    const dir = join(this.options.dir, "volumes", String(id));
    await (this.options.runtime.removeTree?.(dir) ?? removeTree(dir));
    this.actions.end("volume", id);
    this.state.volumes.delete(id);
    this.state.changed();
  }

  private mayAttach(volume: VolumeRecord): void {
    if (volume.server !== null) throw alreadyAttached(volume.id);
    this.actions.check("volume", volume.id);
  }

  private claim(volume: VolumeRecord, server: number, automount: boolean): void {
    volume.server = server;
    if (automount) this.automounted.add(volume.id);
    else this.automounted.delete(volume.id);
    this.state.changed();
  }

  private free(volume: VolumeRecord): void {
    volume.server = null;
    this.automounted.delete(volume.id);
    this.state.changed();
  }

  private async plug(volume: VolumeRecord): Promise<void> {
    const local = volume.server === null ? undefined : this.locals.get(volume.server);
    if (local?.isUp) await local.attach(this.attached(volume));
  }

  private attached(volume: VolumeRecord): AttachedVolume {
    return { id: volume.id, folder: this.folderOf(volume), automount: this.automounted.has(volume.id) };
  }

  private folderOf({ id }: VolumeRecord): string {
    return join(this.options.dir, "volumes", String(id), "data");
  }

  private local(id: number): Server {
    return this.locals.get(id) ?? this.addLocal(id);
  }

  private addLocal(id: number): Server {
    const local = this.options.hasExternalServers
      ? new ExternalServer()
      : new LocalServer(id, join(this.options.dir, "servers", String(id)), this.options);
    this.locals.set(id, local);
    return local;
  }
}

export type ServerOrder = "poweron" | "poweroff" | "shutdown" | "reboot" | "reset";

interface Order {
  command: string;
  /** The server's status until the work is done. */
  during?: ServerStatus;
  work(server: ServerRecord): Promise<void> | void;
}

const resource = (type: "server" | "volume", id: number) => ({ type, id });
const both = (volume: number, server: number) => [resource("volume", volume), resource("server", server)];
