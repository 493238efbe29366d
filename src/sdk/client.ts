import { AccountResource } from "./resources/account.ts";
import { Admin } from "./resources/admin.ts";
import { Audit } from "./resources/audit.ts";
import { Catalog } from "./resources/catalog.ts";
import { Instances } from "./resources/instances.ts";
import { Tokens } from "./resources/tokens.ts";
import { Transfers } from "./resources/transfers.ts";
import { UsageResource } from "./resources/usage.ts";
import { type Call, type ClientOptions, type RequestOptions, Transport } from "./transport.ts";

/**
 * A client of the Gentity API, for Node, browsers and Workers.
 *
 * @example
 * const client = new GentityClient({ token: "gn_live_…" });
 * const { id } = await client.instances.create(
 *   { agentType: "claude-code", modelProvider: "anthropic", modelName: "claude-sonnet-5-5", apiKey },
 *   { waitSeconds: 60 },
 * );
 * const { stdout } = await client.instances.exec.run(id, { command: "uname -a" });
 */
export class GentityClient {
  readonly catalog: Catalog;
  readonly instances: Instances;
  readonly tokens: Tokens;
  readonly transfers: Transfers;
  readonly account: AccountResource;
  readonly audit: Audit;
  readonly usage: UsageResource;
  /** The operator's calls. */
  readonly admin: Admin;
  readonly #transport: Transport;

  constructor(options: ClientOptions = {}) {
    this.#transport = new Transport(options);
    this.catalog = new Catalog(this.#transport);
    this.instances = new Instances(this.#transport);
    this.tokens = new Tokens(this.#transport);
    this.transfers = new Transfers(this.#transport);
    this.account = new AccountResource(this.#transport);
    this.audit = new Audit(this.#transport);
    this.usage = new UsageResource(this.#transport);
    this.admin = new Admin(this.#transport);
  }

  /** Where the API is, without a slash at the end. */
  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  /** Any call, with the same credentials, retries and errors; the answer's body is unread. */
  request(call: Call, options?: RequestOptions): Promise<Response> {
    return this.#transport.open(call, options);
  }
}
