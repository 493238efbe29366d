import { type Page, paginate } from "../pagination.ts";
import type { RequestOptions, Transport } from "../transport.ts";
import type { Instance, Transfer } from "../types.ts";

/** Instances that go from one account to another. */
export class Transfers {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One page of both directions, newest first. */
  async list(
    input: { limit?: number; cursor?: string } = {},
    options?: RequestOptions,
  ): Promise<Page<Transfer>> {
    const call = { method: "GET", path: "/api/transfers", query: { ...input } };
    const answer = await this.#transport.json<{ transfers: Transfer[]; nextCursor?: string | null }>(
      call,
      options,
    );
    return { items: answer.transfers, nextCursor: answer.nextCursor ?? null };
  }

  /** All of them, newest first, fetched page by page. */
  all(options?: RequestOptions): AsyncGenerator<Transfer, void, void> {
    return paginate((cursor) => this.list({ ...(cursor && { cursor }) }, options));
  }

  /** Offers an instance to an account, named by its id or its address. */
  async offer(instanceId: string, input: { to: string }, options?: RequestOptions): Promise<Transfer> {
    const path = `/api/instances/${encodeURIComponent(instanceId)}/transfer`;
    const call = { method: "POST", path, body: input };
    return (await this.#transport.json<{ transfer: Transfer }>(call, options)).transfer;
  }

  /** Takes over what was offered; without a key the machine gets none. */
  accept(
    id: string,
    input: { apiKey?: string } = {},
    options?: RequestOptions,
  ): Promise<{ transfer: Transfer; instance: Instance }> {
    return this.#transport.json({ method: "POST", path: pathOf(id, "accept"), body: input }, options);
  }

  /** Declines what was offered. */
  async decline(id: string, options?: RequestOptions): Promise<Transfer> {
    const call = { method: "POST", path: pathOf(id, "decline") };
    return (await this.#transport.json<{ transfer: Transfer }>(call, options)).transfer;
  }

  /** Withdraws an offer. */
  async cancel(id: string, options?: RequestOptions): Promise<Transfer> {
    const call = { method: "POST", path: pathOf(id, "cancel") };
    return (await this.#transport.json<{ transfer: Transfer }>(call, options)).transfer;
  }
}

function pathOf(id: string, verb: string): string {
  return `/api/transfers/${encodeURIComponent(id)}/${verb}`;
}
