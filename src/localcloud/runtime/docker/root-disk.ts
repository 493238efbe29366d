import { type Engine, unlessGone } from "../../../docker-engine-client/engine.ts";
import { diskImage, LABEL } from "./container.ts";

interface Owner {
  scope: string;
  machineId: string;
}

const ANSWERED_NOT_RUNNING = 409;

/**
 * A container is a root disk and what runs on it in one. So that none stays when its machine is at rest, what is to be kept of
 * one becomes an image, from which the next boot starts. Each time adds a layer, and Docker stacks a hundred or so.
 */
export class RootDisks {
  private readonly engine: Engine;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Ends all processes first: a disk is not kept half written. */
  async keep(container: string, { scope, machineId }: Owner): Promise<void> {
    const path = `/containers/${container}`;
    await this.engine.call("POST", `${path}/kill`).catch((error: { status?: number }) => {
      if (error.status !== ANSWERED_NOT_RUNNING) throw error;
    });
    await this.engine.call("POST", `${path}/wait`);
    const [repo = "", tag = ""] = diskImage(scope, machineId).split(":");
    await this.engine.call("POST", "/commit", { query: { container, repo, tag } });
  }

  async find({ scope, machineId }: Owner): Promise<string | undefined> {
    const path = `/images/${diskImage(scope, machineId)}/json`;
    return (await unlessGone(this.engine.call<{ Id: string }>("GET", path)))?.Id;
  }

  async forget({ scope, machineId }: Owner): Promise<void> {
    const path = `/images/${diskImage(scope, machineId)}`;
    await unlessGone(this.engine.call("DELETE", path, { query: { force: "1" } }));
  }

  /** The container with what belongs to it alone. */
  async drop(container: string): Promise<void> {
    await unlessGone(
      this.engine.call("DELETE", `/containers/${container}`, { query: { force: "1", v: "1" } }),
    );
  }

  /** Of a container that nobody watched to its end: was anything of it promised? */
  static isPromised({ Labels, State }: { Labels: Record<string, string>; State: string }): boolean {
    return LABEL.keepsDisk in Labels || State === "paused";
  }
}
