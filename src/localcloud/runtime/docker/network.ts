import { existsSync } from "node:fs";
import { type Engine, EngineError, unlessGone } from "../../../docker-engine-client/engine.ts";
import { LABEL, type Reach } from "./container.ts";

interface NetworkView {
  Id: string;
}

/** How many characters of a network's id its bridge is called by. */
const BRIDGE_ID_LENGTH = 12;

/** A network of the cloud's own: machines in it reach the outside and not each other. */
export class DockerNetwork {
  readonly name: string;
  private readonly engine: Engine;
  private made: Promise<NetworkView> | undefined;

  constructor(engine: Engine, scope: string) {
    this.engine = engine;
    this.name = scope;
  }

  /** Made with the first machine: most clouds never run a container. */
  async ensure(): Promise<Reach> {
    this.made ??= this.make();
    const { Id } = await this.made.catch((error: unknown) => {
      this.made = undefined;
      throw error;
    });
    // Where the bridge is not an interface of this computer, the engine lives in a virtual one.
    return existsSync(`/sys/class/net/br-${Id.slice(0, BRIDGE_ID_LENGTH)}`) ? "bridge" : "published";
  }

  private async make(): Promise<NetworkView> {
    const left = await unlessGone(this.engine.call<NetworkView>("GET", `/networks/${this.name}`));
    if (left) return left;
    return this.engine.call<NetworkView>("POST", "/networks/create", {
      body: {
        Name: this.name,
        Driver: "bridge",
        Labels: { [LABEL.scope]: this.name },
        Options: { "com.docker.network.bridge.enable_icc": "false" },
      },
    });
  }

  async remove(): Promise<void> {
    await unlessGone(this.engine.call("DELETE", `/networks/${this.name}`)).catch((error: unknown) => {
      // Somebody has put a container of their own into it.
      if (!(error instanceof EngineError)) throw error;
    });
  }
}
