import type { AdminAccount, AdminInstance, PublishedRelease, Sweep } from "../admin-types.ts";
import { type Page, paginate } from "../pagination.ts";
import type { RequestOptions, Transport } from "../transport.ts";
import type { BudgetAction, InstanceStatus } from "../types.ts";

/** What a new account is. */
export interface CreateAccountInput {
  email: string;
  name?: string;
}

/** What may be changed of an account; what is absent stays as it is. */
export interface UpdateAccountInput {
  quota?: { instances?: number; memoryMb?: number; execConcurrency?: number };
  /** Micro-dollars of compute in a calendar month; `null` takes the budget away. */
  budget?: { limitMicros: number; action?: BudgetAction } | null;
  suspended?: boolean;
}

/** A release of an agent. */
export interface ReleaseInput {
  release: string;
  image: { repository: string; tag: string; digest: string };
  recipe: Record<string, unknown>;
}

/** Which instances to list. */
export interface AdminInstancesFilter {
  accountId?: string;
  status?: InstanceStatus;
  limit?: number;
}

/** The operator's calls. The client's token must be the deployment's `ADMIN_TOKEN`; with any other there is nothing here. */
export class Admin {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Every account, newest first, fetched page by page. */
  accounts(options?: RequestOptions): AsyncGenerator<AdminAccount, void, void> {
    return this.#pages("/api/admin/accounts", {}, options);
  }

  /** Makes an account and its first token. Keep the token: it cannot be read again. */
  createAccount(
    input: CreateAccountInput,
    options?: RequestOptions,
  ): Promise<{ account: AdminAccount; token: string }> {
    return this.#transport.json({ method: "POST", path: "/api/admin/accounts", body: input }, options);
  }

  /** Changes an account's quota or budget, or suspends it. */
  async updateAccount(
    id: string,
    input: UpdateAccountInput,
    options?: RequestOptions,
  ): Promise<AdminAccount> {
    const call = { method: "PATCH", path: `/api/admin/accounts/${encodeURIComponent(id)}`, body: input };
    return (await this.#transport.json<{ account: AdminAccount }>(call, options)).account;
  }

  /** Makes a release current for the instances that are created from now on. */
  async publishRelease(
    agentId: string,
    input: ReleaseInput,
    options?: RequestOptions,
  ): Promise<PublishedRelease> {
    const path = `/api/admin/agents/${encodeURIComponent(agentId)}/releases`;
    const call = { method: "POST", path, body: input };
    return (await this.#transport.json<{ release: PublishedRelease }>(call, options)).release;
  }

  /** Every account's instances, newest first, fetched page by page. */
  instances(
    filter: AdminInstancesFilter = {},
    options?: RequestOptions,
  ): AsyncGenerator<AdminInstance, void, void> {
    return this.#pages("/api/admin/instances", { ...filter }, options);
  }

  /** How the last looks at the vendors' own lists went, and what they found, the newest first. */
  sweep(input: { limit?: number } = {}, options?: RequestOptions): Promise<Sweep> {
    return this.#transport.json({ method: "GET", path: "/api/admin/sweep", query: { ...input } }, options);
  }

  #pages<T>(
    path: string,
    query: Record<string, string | number | undefined>,
    options?: RequestOptions,
  ): AsyncGenerator<T, void, void> {
    const key = path.split("/").at(-1) ?? "";
    return paginate(async (cursor): Promise<Page<T>> => {
      const call = { method: "GET", path, query: { ...query, cursor } };
      const answer = await this.#transport.json<Record<string, unknown>>(call, options);
      return { items: answer[key] as T[], nextCursor: (answer.nextCursor as string | null) ?? null };
    });
  }
}
