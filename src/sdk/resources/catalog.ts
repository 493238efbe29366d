import type { RequestOptions, Transport } from "../transport.ts";
import type { Agent } from "../types.ts";

/** The agents there are. Public: works without a token. */
export class Catalog {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All agents of the catalog. */
  async agents(options?: RequestOptions): Promise<Agent[]> {
    const call = { method: "GET", path: "/api/catalog/agents" };
    return (await this.#transport.json<{ agents: Agent[] }>(call, options)).agents;
  }
}
