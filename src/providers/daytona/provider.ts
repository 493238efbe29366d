/** Daytona behind our interface: which step runs what, and the calls that are no steps. */
import type {
  ExecRequest,
  ExecResult,
  LogPage,
  Outcome,
  OwnedMachine,
  Provider,
  Step,
  StepOptions,
  StepValue,
  Target,
} from "../provider.ts";
import { createApi } from "./api.ts";
import { createClient } from "./client.ts";
import { execute } from "./exec.ts";
import { listOwned } from "./list.ts";
import { readLogs } from "./logs.ts";
import { isNameable } from "./names.ts";
import type { StepRun } from "./steps/context.ts";
import { gone, nothing, nothingLeft, observeSandbox, ready } from "./steps/look.ts";
import { configure, machine, unmachine } from "./steps/machine.ts";
import { boot, start, stop, suspend } from "./steps/power.ts";

export interface DaytonaConfig {
  /** `https://app.daytona.io/api` */
  apiUrl: string;
  /** Where a sandbox's toolbox is, with `{id}` for the sandbox: `https://proxy.app.daytona.io/toolbox/{id}` */
  toolboxUrl: string;
  apiKey: string;
  /** In front of every sandbox's name; two deployments in one organization need two. */
  prefix?: string;
  fetch?: typeof fetch;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

const RUN = {
  place: nothing,
  address: nothing,
  volume: nothing,
  machine,
  configure,
  boot,
  ready,
  start,
  stop,
  suspend,
  unmachine,
  unvolume: nothingLeft,
  unplace: nothingLeft,
  gone,
  observe: observeSandbox,
} satisfies Record<Step, StepRun>;

export function createDaytonaProvider(config: DaytonaConfig): Provider {
  const send: typeof fetch = config.fetch ?? ((input, init) => fetch(input, init));
  const now = config.now ?? (() => Date.now());
  const sleep = config.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const { apiUrl, toolboxUrl, apiKey, prefix } = config;
  const api = createApi({ client: createClient({ apiKey, fetch: send }), apiUrl, toolboxUrl });

  return {
    name: "daytona",
    substrate: "daytona",
    async run(step: Step, target: Target, options: StepOptions): Promise<Outcome<StepValue>> {
      return unnameable(target, prefix) ?? RUN[step]({ api, target, options, prefix, now, sleep });
    },
    async exec(target: Target, request: ExecRequest): Promise<Outcome<ExecResult>> {
      const { machine: sandbox } = target.refs;
      if (sandbox === undefined) return none("run commands in");
      return execute({ api, now, sleep }, sandbox, request);
    },
    async logs(target: Target, options: { cursor?: string }): Promise<Outcome<LogPage>> {
      const { machine: sandbox } = target.refs;
      if (sandbox === undefined) return none("have a log");
      return readLogs({ api, now }, sandbox, { ...options, region: target.region });
    },
    list: (): Promise<Outcome<OwnedMachine[]>> => listOwned(api, prefix),
  };
}

function none(purpose: string): Outcome<never> {
  return { type: "rejected", code: "missing", message: `There is no sandbox to ${purpose}` };
}

function unnameable(target: Target, prefix: string | undefined): Outcome<never> | undefined {
  if (isNameable(target.instanceId, prefix)) return undefined;
  const message = `Daytona cannot name a sandbox after the instance "${target.instanceId}": lowercase letters and digits`;
  return { type: "rejected", code: "invalid_spec", message };
}
