import { collect, paginate } from "../pagination.ts";
import type { RequestOptions, Transport } from "../transport.ts";
import type { MeteredPeriod, Usage, UsageFilter, UsagePage } from "../types.ts";
import { type UsageVerification, verifyUsage } from "../verify-usage.ts";

/** What the account used, and what that is estimated to cost. */
export class UsageResource {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** One page, newest first; by day unless grouped otherwise. */
  get(filter: UsageFilter = {}, options?: RequestOptions): Promise<UsagePage> {
    return this.#transport.json({ method: "GET", path: "/api/usage", query: { ...filter } }, options);
  }

  /** All rows, fetched page by page. */
  all(filter: UsageFilter = {}, options?: RequestOptions): AsyncGenerator<Usage, void, void> {
    return paginate(async (cursor) => {
      const { usage, nextCursor } = await this.get({ ...filter, ...(cursor && { cursor }) }, options);
      return { items: usage, nextCursor };
    });
  }

  /** Day by day, of one instance: an id, a subdomain, or an unambiguous beginning of either. */
  ofInstance(
    id: string,
    filter: Omit<UsageFilter, "groupBy" | "instance"> = {},
    options?: RequestOptions,
  ): Promise<UsagePage> {
    const path = `/api/instances/${encodeURIComponent(id)}/usage`;
    return this.#transport.json({ method: "GET", path, query: { ...filter } }, options);
  }

  /** All of it as CSV; the answer's body is unread. */
  csv(filter: UsageFilter = {}, options?: RequestOptions): Promise<Response> {
    const call = { method: "GET", path: "/api/usage", query: { ...filter }, accept: "text/csv" };
    return this.#transport.open(call, options);
  }

  /** The periods that usage is made of, oldest first, fetched page by page. */
  periods(
    filter: Omit<UsageFilter, "groupBy"> = {},
    options?: RequestOptions,
  ): AsyncGenerator<MeteredPeriod, void, void> {
    return paginate(async (cursor) => {
      const query = { ...filter, ...(cursor && { cursor }) };
      const call = { method: "GET", path: "/api/usage/periods", query };
      const answer = await this.#transport.json<{ periods: MeteredPeriod[]; nextCursor: string | null }>(
        call,
        options,
      );
      return { items: answer.periods, nextCursor: answer.nextCursor };
    });
  }

  /** Recomputes here, from the public periods, what was recorded there. */
  async verify(
    filter: { from: string; to: string; instance?: string },
    options?: RequestOptions,
  ): Promise<UsageVerification> {
    const { countedTo } = await this.get({ ...filter, limit: 1 }, options);
    const usage = await collect(this.all({ ...filter, groupBy: "instance-day" }, options));
    // After the rows: what closes meanwhile ends later than they were counted.
    const periods = await collect(this.periods(filter, options));
    return verifyUsage({ ...filter, usage, periods, countedTo });
  }
}
