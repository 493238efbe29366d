import type { RequestOptions, Transport } from "../transport.ts";
import type { Token } from "../types.ts";

/** A token at the only moment its secret is known. */
export interface CreatedToken {
  token: Omit<Token, "lastUsedAt">;
  /** `gn_live_…`; never shown again. */
  plaintext: string;
}

/** The account's API tokens. */
export class Tokens {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All tokens, without their secrets. */
  async list(options?: RequestOptions): Promise<Token[]> {
    const call = { method: "GET", path: "/api/tokens" };
    return (await this.#transport.json<{ tokens: Token[] }>(call, options)).tokens;
  }

  /** Mints a token. Keep `plaintext`: it cannot be read again. */
  create(input: { name: string }, options?: RequestOptions): Promise<CreatedToken> {
    return this.#transport.json({ method: "POST", path: "/api/tokens", body: input }, options);
  }

  /** Revokes a token at once. */
  revoke(id: string, options?: RequestOptions): Promise<{ ok: true }> {
    return this.#transport.json({ method: "DELETE", path: `/api/tokens/${encodeURIComponent(id)}` }, options);
  }
}
