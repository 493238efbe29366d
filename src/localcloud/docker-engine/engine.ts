/**
 * A Docker engine of one server: what it has, kept over a restart, and its end. Containers are machines of the cloud's runtime.
 *
 * Refused, because it would have another effect here: restart policies, read-only mounts, named volumes, a terminal for the main
 * command, an exec as somebody who is neither root nor the container's user, reading files of a container that does not run.
 * Accepted without effect: networks, capabilities, security options, `ReadonlyRootfs`, log drivers. An attached caller has no
 * input to the main command and gets its outputs by the line.
 */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { Server as NetServer, Socket } from "node:net";
import { join } from "node:path";
import type { ImageStore } from "../images/image.ts";
import { JsonFile, loadJson } from "../json-file.ts";
import type { Log } from "../log.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { checkRequest, shortId } from "./boot-spec.ts";
import { Container } from "./container.ts";
import type { ContainerContext } from "./context.ts";
import { Execs } from "./execs.ts";
import { ImageList } from "./image-list.ts";
import { PublishedPorts } from "./published-ports.ts";
import { type ContainerRecord, type EngineState, NEVER } from "./records.ts";
import { badRequest, noSuchContainer, Refusal } from "./refusal.ts";
import type { ContainerRequest } from "./requests.ts";
import { handle, handleUpgrade } from "./serve.ts";

export interface EngineOptions {
  /** Records, disks and logs. */
  dir: string;
  /** Where it listens; the kernel takes no more than 108 bytes. */
  socketPath: string;
  portMapFile: string;
  runtime: Runtime;
  images: ImageStore;
  hostPath: ContainerContext["hostPath"];
  serveEgress(listener: NetServer): void;
  log: Log;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

export class DockerEngine {
  readonly images: ImageList;
  readonly ports: PublishedPorts;
  readonly execs = new Execs();
  private readonly options: EngineOptions;
  private readonly context: ContainerContext;
  private readonly file: JsonFile;
  private readonly containers = new Map<string, Container>();
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(options: EngineOptions) {
    this.options = options;
    const { dir, runtime, images, log, hostPath, serveEgress } = options;
    const file = join(dir, "engine.json");
    const state = loadJson<EngineState>(file, { images: [], containers: [] });
    this.file = new JsonFile(
      file,
      (): EngineState => ({
        images: state.images,
        containers: [...this.containers.values()].map(({ record }) => record),
      }),
      (error) => log("engine.write.failed", { reason: String(error) }),
    );
    const changed = () => this.file.changed();
    this.images = new ImageList(state.images, images, changed);
    this.ports = new PublishedPorts(options.portMapFile, log);
    this.context = {
      runtime,
      images: this.images,
      ports: this.ports,
      log,
      folderOf: (id) => join(dir, "containers", id),
      hostPath,
      serveEgress,
      changed,
    };
    for (const record of state.containers) {
      this.containers.set(record.id, new Container(record, this.context));
    }
    this.server = createServer({ requestTimeout: 0 }, (request, response) => {
      void handle(this, request, response, log);
    });
    this.server.on("upgrade", (request, socket, head) => {
      void handleUpgrade(this, request, socket as Socket, head);
    });
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
  }

  /** Takes up what is on disk. Nothing of an earlier run is left running. */
  static async open(options: EngineOptions): Promise<DockerEngine> {
    const engine = new DockerEngine(options);
    for (const container of engine.containers.values()) await container.recover();
    await engine.ports.writeMap();
    return engine;
  }

  async listen(): Promise<void> {
    const { socketPath } = this.options;
    rmSync(socketPath, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(socketPath, resolve);
    });
    await chmod(socketPath, 0o600);
  }

  /** As when a server goes down: containers get so long to end by themselves. They stay, ended. */
  async close(graceSeconds: number): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    await Promise.all(
      [...this.containers.values()].map(async (container) => {
        const { StopTimeout } = container.record.request;
        await container.stop(Math.min(graceSeconds, StopTimeout ?? graceSeconds));
      }),
    );
    for (const socket of this.sockets) socket.destroy();
    await closed;
    rmSync(this.options.socketPath, { force: true });
    await this.file.saved();
  }

  /** When what is asked is remembered, it may be answered. */
  saved(): Promise<void> {
    return this.file.saved();
  }

  list(): Container[] {
    return [...this.containers.values()];
  }

  /** By id, the beginning of one, or name. */
  find(wanted: string): Container {
    const name = wanted.replace(/^\//, "");
    const exact = this.containers.get(name) ?? this.list().find(({ record }) => record.name === name);
    const found = exact ?? this.byPrefix(name);
    if (!found) throw noSuchContainer(wanted);
    return found;
  }

  private byPrefix(prefix: string): Container | undefined {
    const found = this.list().filter(({ record }) => record.id.startsWith(prefix));
    if (found.length > 1) throw badRequest(`multiple IDs found with provided prefix: ${prefix}`);
    return found[0];
  }

  create(name: string | undefined, request: ContainerRequest): Container {
    const image = this.images.find(request.Image);
    checkRequest(request);
    const id = randomBytes(32).toString("hex");
    const wanted = name ?? `container_${shortId({ id })}`;
    if (!NAME.test(wanted)) throw badRequest(`Invalid container name (${wanted})`);
    const namesake = this.list().find(({ record }) => record.name === wanted);
    if (namesake) {
      throw new Refusal(
        409,
        `Conflict. The container name "/${wanted}" is already in use by container "${namesake.record.id}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
    const record: ContainerRecord = {
      id,
      name: wanted,
      createdAt: new Date().toISOString(),
      imageId: image.id,
      request,
      status: "created",
      exitCode: 0,
      error: "",
      oomKilled: false,
      startedAt: NEVER,
      finishedAt: NEVER,
      restarts: 0,
      pendingFiles: [],
      hasRun: false,
    };
    const container = new Container(record, this.context);
    this.containers.set(id, container);
    this.file.changed();
    return container;
  }

  async remove(container: Container, force: boolean): Promise<void> {
    const { id, name } = container.record;
    if (container.isRunning && !force) {
      throw new Refusal(
        409,
        `cannot remove container "/${name}": container is running: stop the container before removing or force remove`,
      );
    }
    await container.remove();
    this.execs.forgetAll(container);
    this.containers.delete(id);
    this.file.changed();
  }
}
