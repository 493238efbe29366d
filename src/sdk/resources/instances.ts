import { follow } from "../live.ts";
import { type Page, paginate } from "../pagination.ts";
import type { Traffic, TrafficWindow } from "../traffic-types.ts";
import type { Call, RequestOptions, Transport } from "../transport.ts";
import type {
  CloneInstanceInput,
  CreatedInstance,
  CreateInstanceInput,
  Instance,
  InstanceAction,
  InstanceStatus,
  ListInstancesFilter,
  Period,
  SignedLink,
  StatusChange,
  TerminalTicket,
  UpdateInstanceInput,
} from "../types.ts";
import { Exec } from "./exec.ts";
import { Logs } from "./logs.ts";
import { type WaitOptions, type WaitOutcome, waitForStatus } from "./wait.ts";

/** What the server may hold the answer for, above the time the work itself is given. */
const ANSWER_MARGIN_MS = 30_000;
/** How long an action is confirmed before the answer is "still at it". */
const ACTION_WAIT_MS = 60_000;

/** Running copies of agents. Every `id` may be an id, a subdomain, or an unambiguous beginning of either. */
export class Instances {
  /** Commands on an instance. */
  readonly exec: Exec;
  /** What an instance logged. */
  readonly logs: Logs;
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.exec = new Exec(transport);
    this.logs = new Logs(transport);
  }

  /**
   * Creates an instance. Answers at once with status `creating`; with `waitSeconds` (up to 120), when it runs or
   * has failed, or that time is over.
   */
  create(
    input: CreateInstanceInput,
    options: RequestOptions & { waitSeconds?: number } = {},
  ): Promise<CreatedInstance> {
    const { waitSeconds, ...request } = options;
    const call = { method: "POST", path: "/api/instances", query: { wait: waitSeconds }, body: input };
    const timeoutMs = (waitSeconds ?? 0) * 1000 + ANSWER_MARGIN_MS;
    return this.#transport.json(call, { timeoutMs, ...request });
  }

  /** One page of instances, newest first. */
  async list(filter: ListInstancesFilter = {}, options?: RequestOptions): Promise<Page<Instance>> {
    const call = { method: "GET", path: "/api/instances", query: { ...filter } };
    const answer = await this.#transport.json<{ instances: Instance[]; nextCursor?: string | null }>(
      call,
      options,
    );
    return { items: answer.instances, nextCursor: answer.nextCursor ?? null };
  }

  /** All instances, newest first, fetched page by page. */
  all(filter: ListInstancesFilter = {}, options?: RequestOptions): AsyncGenerator<Instance, void, void> {
    return paginate((cursor) => this.list({ ...filter, ...(cursor && { cursor }) }, options));
  }

  /** One instance. */
  async get(id: string, options?: RequestOptions): Promise<Instance> {
    return (await this.#transport.json<{ instance: Instance }>(call("GET", id), options)).instance;
  }

  /** Changes what can be changed without touching the machine. */
  async update(id: string, input: UpdateInstanceInput, options?: RequestOptions): Promise<Instance> {
    const request = { ...call("PATCH", id), body: input };
    return (await this.#transport.json<{ instance: Instance }>(request, options)).instance;
  }

  /** Deletes an instance and its volume, from any state; again is the same. */
  delete(id: string, options?: RequestOptions): Promise<{ ok: true; warnings?: string[] }> {
    return this.#transport.json(call("DELETE", id), {
      timeoutMs: ACTION_WAIT_MS + ANSWER_MARGIN_MS,
      ...options,
    });
  }

  /** Starts, stops, … an instance. The status is a transitional one when the vendor has not confirmed yet. */
  action(
    id: string,
    action: InstanceAction,
    options?: RequestOptions,
  ): Promise<{ ok: true; status?: InstanceStatus }> {
    const request = { ...call("POST", id, "/action"), body: { action } };
    return this.#transport.json(request, { timeoutMs: ACTION_WAIT_MS + ANSWER_MARGIN_MS, ...options });
  }

  /** The present status and each change from now on, across dropped connections, until the instance is deleted. */
  async *watch(id: string, options: RequestOptions = {}): AsyncGenerator<StatusChange, void, void> {
    const events = follow({
      signal: options.signal,
      open: (lastEventId) =>
        this.#transport.open(
          { ...call("GET", id, "/watch"), accept: "text/event-stream" },
          {
            ...options,
            headers: { ...options.headers, ...(lastEventId && { "last-event-id": lastEventId }) },
          },
        ),
    });
    for await (const event of events) {
      if (event.event === "status") yield JSON.parse(event.data) as StatusChange;
    }
  }

  /** Waits until an instance has one of the statuses, has failed, or the time is up. */
  waitFor(id: string, wanted: readonly InstanceStatus[], options?: WaitOptions): Promise<WaitOutcome> {
    return waitForStatus(this, id, wanted, options);
  }

  /** The states an instance has been in, newest first, fetched page by page. */
  periods(
    id: string,
    input: { limit?: number } = {},
    options?: RequestOptions,
  ): AsyncGenerator<Period, void, void> {
    return paginate(async (cursor) => {
      const request = { ...call("GET", id, "/periods"), query: { limit: input.limit, cursor } };
      const answer = await this.#transport.json<{ periods: Period[]; nextCursor?: string | null }>(
        request,
        options,
      );
      return { items: answer.periods, nextCursor: answer.nextCursor ?? null };
    });
  }

  /** What went through its address, by hour, newest first; by default in the last 24 hours. */
  traffic(id: string, window: TrafficWindow = {}, options?: RequestOptions): Promise<Traffic> {
    return this.#transport.json({ ...call("GET", id, "/traffic"), query: { ...window } }, options);
  }

  /** Makes a new instance like another one, on the agent's current release. Answers at once. */
  clone(id: string, input: CloneInstanceInput = {}, options?: RequestOptions): Promise<CreatedInstance> {
    return this.#transport.json({ ...call("POST", id, "/clone"), body: input }, options);
  }

  /** Gives an instance a new address; the old one is dead within ten seconds. */
  async rotateUrl(id: string, options?: RequestOptions): Promise<Instance> {
    const request = call("POST", id, "/rotate-url");
    return (await this.#transport.json<{ instance: Instance }>(request, options)).instance;
  }

  /** Signs a link to an instance of access `signed`; it counts for an hour unless told otherwise. */
  createLink(
    id: string,
    input: { expiresInSeconds?: number } = {},
    options?: RequestOptions,
  ): Promise<SignedLink> {
    return this.#transport.json({ ...call("POST", id, "/links"), body: input }, options);
  }

  /** Keeps it awake for so long from now on, whatever it does; 0 seconds lets it go. */
  async hold(
    id: string,
    input: { seconds: number; reason: string },
    options?: RequestOptions,
  ): Promise<Instance> {
    const request = { ...call("POST", id, "/hold"), body: input };
    return (await this.#transport.json<{ instance: Instance }>(request, options)).instance;
  }

  /** A one-time pass for the terminal; open its `url` with a WebSocket. */
  terminalTicket(id: string, options?: RequestOptions): Promise<TerminalTicket> {
    return this.#transport.json(call("POST", id, "/terminal/ticket"), options);
  }
}

function call(method: string, id: string, rest = ""): Call {
  return { method, path: `/api/instances/${encodeURIComponent(id)}${rest}` };
}
