/**
 * A server on this computer: a folder as its root, a group of real processes, a container engine, and this program as its
 * process 1. Its processes see this computer's files and network; what is theirs lies under `GENTITY_ROOT`.
 */
import { appendFileSync } from "node:fs";
import { mkdir, realpath, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import type { Server as NetServer } from "node:net";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { DockerEngine } from "../../docker-engine/engine.ts";
import type { ImageStore } from "../../images/image.ts";
import type { Log } from "../../log.ts";
import { removeTree } from "../../runtime/remove-tree.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { firstBoot } from "./cloud-init.ts";
import { listenForInit } from "./init-socket.ts";
import { below } from "./paths.ts";
import { ServerProcesses } from "./processes.ts";
import { Units } from "./units.ts";

const STAND_INS = fileURLToPath(new URL("../stand-ins", import.meta.url));
const FOLDERS = ["dev/disk/by-id", "etc", "mnt", "opt", "root", "run", "tmp", "var/lib", "var/log"];
/**
 * Where instructions mount their volume on a real server. It takes a device to do that, so here the first volume is mounted
 * there already, and instructions leave it out when they see `GENTITY_ROOT`.
 */
const MOUNT = "/mnt/gentity";
/** What containers get at a shutdown, as Docker's daemon gives them. */
const SHUTDOWN_SECONDS = 10;

export interface ServerContext {
  /** Of this cloud among all on this computer. */
  scope: string;
  runtime: Runtime;
  images: ImageStore;
  log: Log;
  /** Short enough for a socket in it. */
  socketDir: string;
  /** For every process of a server. */
  env: Record<string, string>;
  /** Folders with programs, searched after the stand-ins. */
  programs: readonly string[];
  serveEgress(listener: NetServer): void;
}

export interface AttachedVolume {
  id: number;
  /** Its folder on this computer. */
  folder: string;
  automount: boolean;
}

export interface PowerOn {
  name: string;
  userData: string;
  isFirstBoot: boolean;
  volumes: AttachedVolume[];
}

interface Up {
  engine: DockerEngine;
  units: Units;
  init: NetServer;
}

export class LocalServer {
  readonly root: string;
  private readonly id: number;
  private readonly dir: string;
  private readonly context: ServerContext;
  private readonly processes: ServerProcesses;
  private up: Up | undefined;
  private booted: Promise<void> = Promise.resolve();

  constructor(id: number, dir: string, context: ServerContext) {
    this.id = id;
    this.dir = dir;
    this.root = join(dir, "root");
    this.context = context;
    this.processes = new ServerProcesses(`${context.scope}-${id}`, {
      env: this.environment(),
      cwd: this.root,
    });
  }

  get isUp(): boolean {
    return this.up !== undefined;
  }

  private get socketPath(): string {
    return join(this.context.socketDir, `${this.id}.sock`);
  }

  private get initPath(): string {
    return join(this.context.socketDir, `${this.id}.init`);
  }

  private get portMapFile(): string {
    return join(this.dir, "ports.json");
  }

  private environment(): Record<string, string> {
    const { env, programs } = this.context;
    const path = [STAND_INS, ...programs, dirname(process.execPath), process.env.PATH ?? "/usr/bin:/bin"];
    return {
      PATH: path.join(delimiter),
      HOME: join(this.root, "root"),
      TMPDIR: join(this.root, "tmp"),
      LANG: "C.UTF-8",
      GENTITY_ROOT: this.root,
      GENTITY_NODE: process.execPath,
      GENTITY_PORT_MAP: this.portMapFile,
      GENTITY_INIT_SOCKET: this.initPath,
      DOCKER_HOST: `unix://${this.socketPath}`,
      ...env,
    };
  }

  /** Ends what an earlier run of the program left of it. */
  sweep(): Promise<void> {
    return this.processes.killAll();
  }

  /** Resolves when it is on. What it does at boot goes on behind that, as on any server. */
  async powerOn({ name, userData, isFirstBoot, volumes }: PowerOn): Promise<void> {
    if (this.up) return;
    for (const folder of FOLDERS) await mkdir(join(this.root, folder), { recursive: true, mode: 0o755 });
    await writeFile(join(this.root, "etc/hostname"), `${name}\n`);
    for (const volume of volumes) await this.attach(volume);
    const engine = await this.openEngine(volumes);
    await engine.listen();
    const units = new Units({ root: this.root, processes: this.processes });
    const init = await listenForInit(this.initPath, (argv) => units.systemctl(argv));
    const up = { engine, units, init };
    this.up = up;
    this.booted = this.boot(up, isFirstBoot ? userData : "").catch((error: unknown) => {
      this.context.log("server.boot.failed", { server: this.id, reason: String(error) });
    });
  }

  private async boot({ units }: Up, instructions: string): Promise<void> {
    await units.startEnabled();
    const output = join(this.root, "var/log/cloud-init-output.log");
    await firstBoot({
      root: this.root,
      userData: instructions,
      say: (line) => {
        appendFileSync(output, `cloud-init: ${line}\n`);
        this.context.log("server.cloud-init", { server: this.id, said: line });
      },
      run: async (argv) => {
        // The power may have gone while the one before was running.
        if (this.up?.units !== units) return null;
        const { code, error } = await this.processes.spawn({ argv, logFile: output }).ended;
        if (error) appendFileSync(output, `${error}\n`);
        return code;
      },
    });
  }

  private openEngine(volumes: AttachedVolume[]): Promise<DockerEngine> {
    const { runtime, images, serveEgress, log } = this.context;
    return DockerEngine.open({
      dir: join(this.dir, "engine"),
      socketPath: this.socketPath,
      portMapFile: this.portMapFile,
      runtime,
      images,
      serveEgress,
      log,
      hostPath: (path) => this.hostPath(path, volumes),
    });
  }

  /** A folder of the server: below its root, or on one of its volumes. Links lead nowhere else. */
  private async hostPath(path: string, volumes: AttachedVolume[]): Promise<string> {
    const at = path === this.root || path.startsWith(this.root + sep) ? path : below(this.root, path);
    await mkdir(at, { recursive: true });
    const real = await realpath(at);
    const allowed = await Promise.all(
      [this.root, ...volumes.map(({ folder }) => folder)].map((dir) => realpath(dir)),
    );
    if (!allowed.some((dir) => real === dir || real.startsWith(dir + sep))) {
      throw new Error(`${path} leads out of the server`);
    }
    return real;
  }

  /** A disk that appears: under its id, and where it is mounted. */
  async attach({ id, folder, automount }: AttachedVolume): Promise<void> {
    await this.link(folder, device(id));
    if (automount) await this.link(folder, `/mnt/HC_Volume_${id}`);
    else await this.link(folder, MOUNT);
  }

  async detach({ id, automount }: AttachedVolume): Promise<void> {
    for (const path of [device(id), automount ? `/mnt/HC_Volume_${id}` : MOUNT]) {
      await rm(below(this.root, path), { force: true });
    }
  }

  /** Not over what is there: a second volume finds the place taken. */
  private async link(folder: string, path: string): Promise<void> {
    const at = below(this.root, path);
    await mkdir(dirname(at), { recursive: true });
    await rmdir(at).catch(() => {});
    await symlink(folder, at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }

  /** As when its button is pressed: services and containers are asked to end, and then there is no power. */
  async shutDown(): Promise<void> {
    const { up } = this;
    if (!up) return;
    await up.units.stopAll();
    await up.engine.close(SHUTDOWN_SECONDS);
    await this.powerOff();
  }

  /** Nothing of it runs afterwards. */
  async powerOff(): Promise<void> {
    const { up } = this;
    this.up = undefined;
    if (up) {
      up.init.close();
      // The order is given to all, so that none is started again meanwhile.
      const stopped = up.units.stopAll();
      await this.processes.killAll();
      await stopped;
      await up.engine.close(0);
    }
    await this.booted;
    await this.processes.killAll();
  }

  /** It is gone, with its disk. */
  async remove(): Promise<void> {
    const engine = this.up?.engine ?? (await this.openEngine([]));
    await this.powerOff();
    // A runtime may keep something of a container elsewhere.
    for (const container of engine.list()) await engine.remove(container, true);
    await engine.saved();
    const { runtime } = this.context;
    await (runtime.removeTree?.(this.dir) ?? removeTree(this.dir));
  }
}

function device(id: number): string {
  return `/dev/disk/by-id/scsi-0HC_Volume_${id}`;
}
