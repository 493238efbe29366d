import { basename } from "node:path";
import type { Engine } from "../../../docker-engine-client/engine.ts";
import { tarOf } from "../../../docker-engine-client/tar.ts";
import type { BootSpec, MachineSink, RunningMachine, Runtime } from "../runtime.ts";
import { containerBody, containerName, LABEL, type Place, type Reach, scopeFilter } from "./container.ts";
import { DockerMachine } from "./machine.ts";
import { DockerNetwork } from "./network.ts";
import { removeAsRoot } from "./remove-as-root.ts";
import { RootDisks } from "./root-disk.ts";

interface ListedContainer {
  Id: string;
  Labels: Record<string, string>;
  State: string;
}

export interface DockerOptions {
  engine: Engine;
  /** Marks what is this cloud's own. */
  scope: string;
  /** Absent: the better one of the two that works here. */
  reach?: Reach;
}

/** Machines as containers of a Docker engine, from real images. */
export class DockerRuntime implements Runtime {
  readonly isolation = "docker";
  readonly limits = [
    "machines reach what any container of this engine does: the internet, and also the network around this computer",
    "a command that ends with a code above 128 looks like one that was ended by a signal",
  ];
  private readonly engine: Engine;
  private readonly scope: string;
  private readonly wantedReach: Reach | undefined;
  private readonly network: DockerNetwork;
  private readonly disks: RootDisks;
  private swept: Promise<void> | undefined;

  constructor({ engine, scope, reach }: DockerOptions) {
    this.engine = engine;
    this.scope = scope;
    this.wantedReach = reach;
    this.network = new DockerNetwork(engine, scope);
    this.disks = new RootDisks(engine);
  }

  async boot(spec: BootSpec, sink: MachineSink): Promise<RunningMachine> {
    const { engine, disks, scope } = this;
    const { machineId } = spec;
    const place = await this.place();
    const id = await this.createContainer(spec, place);
    const machine = new DockerMachine({
      id,
      engine,
      place,
      sink,
      async remove({ frozen }) {
        if (frozen || spec.mayKeepRootDisk) await disks.keep(id, { scope, machineId });
        await disks.drop(id);
      },
    });
    try {
      await this.writeFiles(id, spec);
      await machine.start();
      return machine;
    } catch (error) {
      await disks.drop(id).catch(() => {});
      throw error;
    }
  }

  private async place(): Promise<Place> {
    const { NCPU: cpus } = await this.engine.call<{ NCPU: number }>("GET", "/info");
    const reach = await this.network.ensure();
    return { scope: this.scope, network: this.network.name, reach: this.wantedReach ?? reach, cpus };
  }

  private async createContainer(spec: BootSpec, place: Place): Promise<string> {
    const { scope } = this;
    const { machineId } = spec;
    const name = containerName(scope, machineId);
    // One that could not be removed in time.
    await this.disks.drop(name);
    if (!spec.keepRootDisk) await this.disks.forget({ scope, machineId });
    const kept = spec.keepRootDisk ? await this.disks.find({ scope, machineId }) : undefined;
    const image = kept ?? spec.image.engineImage;
    if (image === undefined) throw new Error(`${spec.image.description} is not an image of the engine's`);
    const { Id } = await this.engine.call<{ Id: string }>("POST", "/containers/create", {
      query: { name },
      body: containerBody(spec, image, place),
    });
    return Id;
  }

  /** The engine unpacks them inside of the container's own root, where no link leads out. */
  private async writeFiles(id: string, { files }: BootSpec): Promise<void> {
    if (files.length === 0) return;
    await this.engine.call("PUT", `/containers/${id}/archive`, { query: { path: "/" }, tar: tarOf(files) });
  }

  /** Of all machines at once: a container is found by its label, whether anybody remembers its machine or not. */
  sweep(): Promise<void> {
    this.swept ??= this.removeAll();
    return this.swept;
  }

  private async removeAll(): Promise<void> {
    const query = { all: "1", filters: scopeFilter(this.scope) };
    const left = await this.engine.call<ListedContainer[]>("GET", "/containers/json", { query });
    for (const container of left) {
      const machineId = container.Labels[LABEL.machine];
      if (machineId !== undefined && RootDisks.isPromised(container)) {
        await this.disks.keep(container.Id, { scope: this.scope, machineId });
      }
      await this.disks.drop(container.Id);
    }
  }

  forget(machineDir: string): Promise<void> {
    return this.disks.forget({ scope: this.scope, machineId: basename(machineDir) });
  }

  removeTree(path: string): Promise<void> {
    return removeAsRoot(this.engine, this.scope, path);
  }

  /** No container is left. Root disks that were promised stay, as images. */
  async close(): Promise<void> {
    await this.removeAll();
    await this.network.remove();
  }
}
