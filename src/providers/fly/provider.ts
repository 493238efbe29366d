/** Fly behind our interface: which step runs what, and the calls that are no steps. */
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
import { createApi, type FlyApi } from "./api.ts";
import { createClient, type FlyClient } from "./client.ts";
import { listOwned } from "./list.ts";
import { readLogs } from "./logs.ts";
import { findNameProblem, namesOf, type Prefixes } from "./names.ts";
import { configure } from "./steps/configure.ts";
import type { StepContext, StepRun } from "./steps/context.ts";
import { unvolumeWithLate } from "./steps/late.ts";
import { gone, observeMachine, ready } from "./steps/look.ts";
import { machine, unmachine } from "./steps/machine.ts";
import { address, place, unplace } from "./steps/place.ts";
import { boot, start, stop, suspend } from "./steps/power.ts";
import { volume } from "./steps/volume.ts";

export interface FlyConfig extends Prefixes {
  /** `https://api.machines.dev` */
  apiUrl: string;
  /** `https://api.fly.io` */
  logsUrl: string;
  /** Where an app is reached, with `{app}` for its name: `https://{app}.fly.dev` */
  appUrl: string;
  token: string;
  orgSlug: string;
  fetch?: typeof fetch;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

const RUN = {
  place,
  address,
  volume,
  machine,
  configure,
  boot,
  ready,
  start,
  stop,
  suspend,
  unmachine,
  unvolume: unvolumeWithLate,
  unplace,
  gone,
  observe: observeMachine,
} satisfies Record<Step, StepRun>;

/** What the vendor takes for one command. */
const MAX_EXEC_SECONDS = 60;

export function createFlyProvider(config: FlyConfig): Provider {
  const send: typeof fetch = config.fetch ?? ((input, init) => fetch(input, init));
  const now = config.now ?? (() => Date.now());
  const sleep = config.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const client = (baseUrl: string): FlyClient =>
    createClient({ baseUrl: baseUrl.replace(/\/+$/, ""), token: config.token, fetch: send, now });
  const api = createApi(client(config.apiUrl), config.orgSlug);
  const logsClient = client(config.logsUrl);

  const contextOf = (target: Target, options: StepOptions): StepContext => {
    const names = namesOf(target, config);
    const base = config.appUrl.replace("{app}", names.app).replace(/\/+$/, "");
    const probe: StepContext["probe"] = (id, path, timeoutMs) =>
      probePage(send, `${base}${path}`, id, timeoutMs);
    return { api, orgSlug: config.orgSlug, names, target, options, now, sleep, probe };
  };

  return {
    name: "fly",
    substrate: "fly-machine",
    async run(step: Step, target: Target, options: StepOptions): Promise<Outcome<StepValue>> {
      return unnameable(target, config) ?? RUN[step](contextOf(target, options));
    },
    async exec(target: Target, request: ExecRequest): Promise<Outcome<ExecResult>> {
      return unnameable(target, config) ?? execute(api, namesOf(target, config).app, target, request);
    },
    async logs(target: Target, options: { cursor?: string }): Promise<Outcome<LogPage>> {
      return unnameable(target, config) ?? readLogs(logsClient, namesOf(target, config).app, options.cursor);
    },
    list: (): Promise<Outcome<OwnedMachine[]>> => listOwned(api, config),
  };
}

function unnameable(
  target: Target,
  prefixes: Prefixes,
): Extract<Outcome<never>, { type: "rejected" }> | undefined {
  const message = findNameProblem(target, prefixes);
  return message === undefined ? undefined : { type: "rejected", code: "invalid_spec", message };
}

/** A deadline or a lost answer is `unknown`: the command may have run, or run on. */
async function execute(
  api: FlyApi,
  app: string,
  target: Target,
  request: ExecRequest,
): Promise<Outcome<ExecResult>> {
  const id = target.refs.machine;
  if (id === undefined)
    return { type: "rejected", code: "missing", message: "There is no machine to run commands in" };
  const answer = await api.exec(app, id, {
    command: request.command,
    timeout: Math.max(1, Math.min(MAX_EXEC_SECONDS, Math.ceil(request.timeoutSeconds))),
    ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
  });
  if (!answer.ok) return answer.failure.outcome;
  const { exit_code, exit_signal, stdout, stderr } = answer.value;
  const result: ExecResult = { exitCode: exit_code, stdout, stderr };
  if (exit_signal !== undefined) result.signal = exit_signal;
  return { type: "ok", value: result };
}

/** Through Fly's proxy to exactly this machine, the way the edge goes. */
async function probePage(
  send: typeof fetch,
  url: string,
  machineId: string,
  timeoutMs: number,
): Promise<number | string> {
  try {
    const response = await send(url, {
      headers: { "fly-force-instance-id": machineId },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    const isSlow = error instanceof Error && error.name === "TimeoutError";
    return isSlow ? "no answer yet" : "nothing answers yet";
  }
}
