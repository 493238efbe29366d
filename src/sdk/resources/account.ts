import type { RequestOptions, Transport } from "../transport.ts";
import type { Account } from "../types.ts";

/** The account the token belongs to. */
export class AccountResource {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The account. */
  async get(options?: RequestOptions): Promise<Account> {
    const call = { method: "GET", path: "/api/account" };
    return (await this.#transport.json<{ account: Account }>(call, options)).account;
  }
}
