import type { RequestOptions, Transport } from "../transport.ts";
import type { Instance, InstanceSpec, InstanceStatus, Open } from "../types.ts";
import { type ExecEvent, type ExecInput, type ExecResult, execBody, readExec } from "./exec.ts";

/** What a workspace's body should be, where it has to be made. */
export interface EnsureBodyInput {
  /** What it is wanted for: the name of a new one. */
  goal?: string;
  /** What is left out is as the deployment has it. */
  spec?: Partial<InstanceSpec>;
  image?: string;
}

/** A machine of the account, and how long it has run. */
export interface FleetMachine {
  id: string;
  name: string;
  /** `body`, or an agent of the catalog. */
  agentType: string;
  exposure: Open<"public" | "private">;
  workspaceId: string | null;
  provider: string;
  region: string;
  spec: InstanceSpec;
  image: string;
  state: InstanceStatus;
  stateSince: string;
  createdAt: string;
  /** Since when it runs now; `null` while it does not. */
  startedAt: string | null;
  /** How long its machine has been started since it was made: not while it slept or was stopped. */
  uptimeMs: number;
  computeCostMicros: number;
  estimated: true;
}

/** All machines of an account. */
export interface Fleet {
  /** Whether Fly, the bodies' own substrate, is configured. */
  configured: boolean;
  providers: { fly: boolean; hetzner: boolean; daytona: boolean };
  machines: FleetMachine[];
  totals: {
    machines: number;
    started: number;
    uptimeMs: number;
    computeCostMicros: number;
    estimated: true;
  };
}

/** A command for a workspace's body, and what the body should be if it has to be made. */
export interface RunInput extends ExecInput, EnsureBodyInput {}

/** How a command on a body ended. One that failed is no error: look at `exitCode`. */
export interface RunResult extends ExecResult {
  /** The body it ran on. */
  instanceId: string;
}

/** What a run streams: first which body it is, then output, then the exit. */
export type RunEvent = { type: "body"; instanceId: string; substrate: string } | ExecEvent;

/** Bodies: one machine for each workspace, without an address, that sleeps while nothing is at work on it. */
export class Bodies {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The workspace's body, or a new one. Any number that ask at once get the same, so it may always be asked again. */
  async ensure(
    workspaceId: string,
    input: EnsureBodyInput = {},
    options?: RequestOptions,
  ): Promise<Instance> {
    const call = { method: "PUT", path: workspacePath(workspaceId, "body"), body: input };
    return (await this.#transport.json<{ instance: Instance }>(call, { timeoutMs: null, ...options }))
      .instance;
  }

  /** Runs a command on the workspace's body, which is made or woken if need be, and answers when it has ended. */
  run(workspaceId: string, input: RunInput, options?: RequestOptions): Promise<RunResult> {
    const call = { method: "POST", path: workspacePath(workspaceId, "run"), body: execBody(input) };
    return this.#transport.json(call, { timeoutMs: null, ...options });
  }

  /** The same, with its output as it comes. Leaving early ends the command. */
  async *stream(
    workspaceId: string,
    input: RunInput,
    options?: RequestOptions,
  ): AsyncGenerator<RunEvent, void, void> {
    const path = workspacePath(workspaceId, "run");
    const call = { method: "POST", path, body: execBody(input), accept: "text/event-stream" };
    const response = await this.#transport.open(call, { timeoutMs: null, ...options });
    const told: RunEvent[] = [];
    const onOther = ({ event, data }: { event: string; data: string }) => {
      if (event === "body") told.push({ type: "body", ...JSON.parse(data) });
    };
    for await (const event of readExec(response, { signal: options?.signal, onOther })) {
      yield* told.splice(0);
      yield event;
    }
  }

  /** Starts a command that goes on without us; ask for it with `instances.exec.get(instanceId, execId)`. */
  start(
    workspaceId: string,
    input: RunInput,
    options?: RequestOptions,
  ): Promise<{ execId: string; instanceId: string; substrate: string }> {
    const body = { ...execBody(input), detach: true };
    const call = { method: "POST", path: workspacePath(workspaceId, "run"), body };
    return this.#transport.json(call, { timeoutMs: null, ...options });
  }

  /** All machines of the account, how long they have run, and an estimate of what that cost. */
  fleet(options?: RequestOptions): Promise<Fleet> {
    return this.#transport.json({ method: "GET", path: "/api/fleet" }, options);
  }
}

function workspacePath(workspaceId: string, what: string): string {
  return `/api/workspaces/${encodeURIComponent(workspaceId)}/${what}`;
}
