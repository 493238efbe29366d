import type { PublicKey } from "../audit/heads.ts";
import { type ChainReport, verifyChains } from "../audit/verify.ts";
import { collect, paginate } from "../pagination.ts";
import type { RequestOptions, Transport } from "../transport.ts";
import type { AuditEvent, AuditHead } from "../types.ts";

/** Which events to read. */
export interface ListAuditFilter {
  /** One chain: an instance's id, or the account's. */
  chain?: string;
  /** How many a page. */
  limit?: number;
}

/** The outcome of checking everything. */
export interface AuditReport {
  /** False while the operator signs nothing: then the chains are checked in themselves alone. */
  signed: boolean;
  /** How many signed heads were checked, and how many keys are published. */
  heads: number;
  keys: number;
  chains: ChainReport[];
}

/** What was done in the account: append-only, chained, signed daily. */
export class Audit {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All events, newest first, fetched page by page. */
  events(filter: ListAuditFilter = {}, options?: RequestOptions): AsyncGenerator<AuditEvent, void, void> {
    return this.#events("/api/audit", { ...filter }, options);
  }

  /** The events of one instance, also of a deleted one by its whole id; newest first. */
  instanceEvents(
    id: string,
    filter: Pick<ListAuditFilter, "limit"> = {},
    options?: RequestOptions,
  ): AsyncGenerator<AuditEvent, void, void> {
    return this.#events(`/api/instances/${encodeURIComponent(id)}/events`, { ...filter }, options);
  }

  /** Every signed end of a chain, oldest first. */
  async heads(options?: RequestOptions): Promise<{ configured: boolean; heads: AuditHead[] }> {
    let configured = false;
    const heads = paginate<AuditHead>(async (after = "0") => {
      const call = { method: "GET", path: "/api/audit/heads", query: { after } };
      const answer = await this.#transport.json<{
        configured: boolean;
        heads: AuditHead[];
        nextCursor: string | null;
      }>(call, options);
      configured = answer.configured;
      return { items: answer.heads, nextCursor: answer.nextCursor };
    });
    const all = await collect(heads);
    return { configured, heads: all };
  }

  /** The public keys the heads are signed with. */
  async keys(options?: RequestOptions): Promise<PublicKey[]> {
    const call = { method: "GET", path: "/.well-known/jwks.json" };
    return (await this.#transport.json<{ keys: PublicKey[] }>(call, options)).keys;
  }

  /** Fetches everything and recomputes every chain here: the server's word is not taken for anything but its events. */
  async verify(
    options: RequestOptions & { onProgress?: (events: number) => void } = {},
  ): Promise<AuditReport> {
    const { onProgress, ...request } = options;
    // Heads first: what is signed while the events are read may be later than the last of them.
    const { configured, heads } = await this.heads(request);
    const keys = await this.keys(request);
    const events: AuditEvent[] = [];
    for await (const event of this.#events("/api/audit", {}, request, "after")) {
      events.push(event);
      if (events.length % 500 === 0) onProgress?.(events.length);
    }
    onProgress?.(events.length);
    const chains = await verifyChains({ events, heads, keys });
    return { signed: configured || heads.length > 0, heads: heads.length, keys: keys.length, chains };
  }

  #events(
    path: string,
    query: Record<string, string | number | undefined>,
    options?: RequestOptions,
    direction: "cursor" | "after" = "cursor",
  ): AsyncGenerator<AuditEvent, void, void> {
    return paginate(async (position) => {
      const from = direction === "after" ? (position ?? "0") : position;
      const call = { method: "GET", path, query: { ...query, [direction]: from } };
      const answer = await this.#transport.json<{ events: AuditEvent[]; nextCursor: string | null }>(
        call,
        options,
      );
      return { items: answer.events, nextCursor: answer.nextCursor };
    });
  }
}
