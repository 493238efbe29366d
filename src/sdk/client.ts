import { AccountResource } from "./resources/account.ts";
import { Admin } from "./resources/admin.ts";
import { Audit } from "./resources/audit.ts";
import { Bodies, type EnsureBodyInput, type RunInput, type RunResult } from "./resources/bodies.ts";
import { Catalog } from "./resources/catalog.ts";
import type { ExecInput, ExecResult } from "./resources/exec.ts";
import { Instances } from "./resources/instances.ts";
import { Tokens } from "./resources/tokens.ts";
import { Transfers } from "./resources/transfers.ts";
import { UsageResource } from "./resources/usage.ts";
import { type Call, type ClientOptions, type RequestOptions, Transport } from "./transport.ts";
import type { Instance, InstanceStatus } from "./types.ts";

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
  readonly bodies: Bodies;
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
    this.bodies = new Bodies(this.#transport);
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

  /**
   * The workspace's body: the machine it has, or a new one. `goal` says what it is wanted for.
   *
   * @example
   * const body = await gentity.ensureBody("ws-42", "fix the build");
   * const { exitCode, stdout } = await gentity.exec(body.id, "git --version");
   */
  ensureBody(
    workspaceId: string,
    goal?: string,
    options: RequestOptions & Omit<EnsureBodyInput, "goal"> = {},
  ): Promise<Instance> {
    const { spec, image, ...request } = options;
    return this.bodies.ensure(workspaceId, { goal, spec, image }, request);
  }

  /** Runs a command on a body or instance, which is woken if it sleeps. */
  exec(
    id: string,
    command: ExecInput["command"],
    options: RequestOptions & Omit<ExecInput, "command"> = {},
  ): Promise<ExecResult> {
    const { request, rest } = splitOptions(options);
    return this.instances.exec.run(id, { command, ...rest }, request);
  }

  /** Puts it to sleep: its memory and files are kept, and its compute costs nothing. */
  suspend(id: string, options?: RequestOptions): Promise<{ ok: true; status?: InstanceStatus }> {
    return this.instances.action(id, "suspend", options);
  }

  /** Wakes it, or starts it where it was stopped. */
  start(id: string, options?: RequestOptions): Promise<{ ok: true; status?: InstanceStatus }> {
    return this.instances.action(id, "start", options);
  }

  /** Deletes it and its files; again is the same. */
  destroy(id: string, options?: RequestOptions): Promise<{ ok: true; warnings?: string[] }> {
    return this.instances.delete(id, options);
  }

  /**
   * Runs a command for the workspace's agent, on its body, which is made or woken if need be; `substrate` says what really
   * ran it.
   */
  runForAgent(
    workspaceId: string,
    command: ExecInput["command"],
    options: RequestOptions & Omit<RunInput, "command"> = {},
  ): Promise<RunResult> {
    const { request, rest } = splitOptions(options);
    return this.bodies.run(workspaceId, { command, ...rest }, request);
  }

  /** Any call, with the same credentials, retries and errors; the answer's body is unread. */
  request(call: Call, options?: RequestOptions): Promise<Response> {
    return this.#transport.open(call, options);
  }
}

/** What is about the request, apart from what is about the command. */
function splitOptions<T extends RequestOptions>(
  options: T,
): { request: RequestOptions; rest: Omit<T, keyof RequestOptions> } {
  const { signal, timeoutMs, idempotencyKey, headers, ...rest } = options;
  const given = Object.entries({ signal, timeoutMs, idempotencyKey, headers });
  return { request: Object.fromEntries(given.filter(([, value]) => value !== undefined)), rest };
}
