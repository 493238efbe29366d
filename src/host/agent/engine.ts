import { type Engine, EngineError, findEngine, unlessGone } from "../../docker-engine-client/engine.ts";
import { CONTAINER, LABEL } from "./container.ts";

/** What `inspect` tells of the agent's container, as much as is looked at. */
export interface ContainerView {
  Id: string;
  State: { Running: boolean; ExitCode: number; OOMKilled?: boolean; StartedAt: string; FinishedAt: string };
  Config: { Labels: Record<string, string> | null };
}

/** How long the agent has to put its work away. */
const GRACE_SECONDS = 30;
const NOT_MODIFIED = 304;
const CONFLICT = 409;

/** The engine and the one container of it that is ours. */
export class AgentEngine {
  private readonly host: string | undefined;
  private found: Engine | undefined;

  /** @param host as in `DOCKER_HOST` */
  constructor(host: string | undefined) {
    this.host = host;
  }

  /** @throws while no engine answers: it may be starting. */
  async engine(): Promise<Engine> {
    if (!this.found) {
      const found = await findEngine(this.host);
      if ("reason" in found) throw new Error(found.reason);
      this.found = found;
    }
    return this.found;
  }

  async inspect(): Promise<ContainerView | undefined> {
    const engine = await this.engine();
    return unlessGone(engine.call<ContainerView>("GET", `/containers/${CONTAINER}/json`));
  }

  async create(body: object): Promise<string> {
    const engine = await this.engine();
    const query = { name: CONTAINER };
    const { Id } = await engine.call<{ Id: string }>("POST", "/containers/create", { query, body });
    return Id;
  }

  async writeFiles(id: string, tar: Uint8Array): Promise<void> {
    const engine = await this.engine();
    await engine.call("PUT", `/containers/${id}/archive`, { query: { path: "/" }, tar });
  }

  async start(id: string): Promise<void> {
    const engine = await this.engine();
    await unlessStatus(NOT_MODIFIED, engine.call("POST", `/containers/${id}/start`));
  }

  /** Until it has ended. */
  async wait(id: string): Promise<void> {
    const engine = await this.engine();
    await unlessGone(engine.call("POST", `/containers/${id}/wait`));
  }

  /** Asks the agent to end, and ends it when it does not. */
  async stop(id: string): Promise<void> {
    const engine = await this.engine();
    const query = { t: String(GRACE_SECONDS) };
    await unlessGone(unlessStatus(NOT_MODIFIED, engine.call("POST", `/containers/${id}/stop`, { query })));
  }

  async remove(id: string): Promise<void> {
    const engine = await this.engine();
    const query = { force: "1", v: "1" };
    await unlessGone(unlessStatus(CONFLICT, engine.call("DELETE", `/containers/${id}`, { query })));
  }
}

export function recipeIdIn({ Config }: ContainerView): string | undefined {
  return Config.Labels?.[LABEL.recipe];
}

/** It is as it should be already. */
async function unlessStatus(status: number, call: Promise<void>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof EngineError && error.status === status)) throw error;
  });
}
