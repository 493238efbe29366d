import { EngineError } from "../../../docker-engine-client/engine.ts";
import type { ImageContext, ResolvedImage } from "../../images/image.ts";
import { removeTree } from "../remove-tree.ts";
import type { BootSpec, MachineSink, RunningMachine, Runtime } from "../runtime.ts";
import type { DockerImages } from "./images.ts";
import type { DockerRuntime } from "./runtime.ts";

export interface PerMachineOptions {
  docker: DockerRuntime;
  images: DockerImages;
  /** The best without an engine. */
  otherwise: Runtime;
  /** What is said of the whole; each machine says its own. */
  isolation: Runtime["isolation"];
}

/** Docker for every machine whose image the engine has or can get, and what there is without an engine for the others. */
export class PerMachineRuntime implements Runtime {
  readonly isolation: Runtime["isolation"];
  readonly limits: string[];
  private readonly docker: DockerRuntime;
  private readonly images: DockerImages;
  private readonly otherwise: Runtime;

  constructor({ docker, images, otherwise, isolation }: PerMachineOptions) {
    this.docker = docker;
    this.images = images;
    this.otherwise = otherwise;
    this.isolation = isolation;
    this.limits = [docker, otherwise].flatMap((runtime) =>
      runtime.limits.map((limit) => `${runtime.isolation}: ${limit}`),
    );
  }

  resolve(ref: string, { progress }: ImageContext): Promise<ResolvedImage | undefined> {
    return this.images.resolve(ref, progress);
  }

  boot(spec: BootSpec, sink: MachineSink): Promise<RunningMachine> {
    return this.runtimeOf(spec.image).boot(spec, sink);
  }

  private runtimeOf({ engineImage }: ResolvedImage): Runtime {
    return engineImage === undefined ? this.otherwise : this.docker;
  }

  /** An engine that went away holds up nobody: what it still has is removed when a machine boots, or at the end. */
  async sweep(machineDir: string): Promise<void> {
    await this.docker.sweep().catch(() => {});
    await this.otherwise.sweep(machineDir);
  }

  async forget(machineDir: string): Promise<void> {
    await this.docker.forget(machineDir).catch(() => {});
  }

  /** Most folders were never a container's. */
  async removeTree(path: string): Promise<void> {
    await removeTree(path).catch(() => this.docker.removeTree(path));
  }

  async close(): Promise<void> {
    await this.otherwise.close();
    await this.docker.close().catch((error: unknown) => {
      // An engine that is gone took its containers along.
      if (error instanceof EngineError) throw error;
    });
  }
}
