/** Hetzner behind our interface: which step runs what, and the calls that are no steps. */
import { createTunnels } from "../cloudflare/tunnels.ts";
import type { HostLink } from "../host-link.ts";
import type {
  ExecRequest,
  ExecResult,
  LogPage,
  Outcome,
  OwnedMachine,
  Provider,
  PtySocket,
  Step,
  StepOptions,
  StepValue,
  Target,
  VendorLimit,
} from "../provider.ts";
import { createApi } from "./api.ts";
import { createClient } from "./client.ts";
import { deriveEnrolmentSecret, deriveOriginLabel, deriveTunnelSecret } from "./derive.ts";
import { listOwned } from "./list.ts";
import { isNameable, nameOf } from "./names.ts";
import { configure } from "./steps/configure.ts";
import type { StepContext, StepRun } from "./steps/context.ts";
import { gone, observe, ready } from "./steps/look.ts";
import { machine, unmachine } from "./steps/machine.ts";
import { address, place, unplace } from "./steps/place.ts";
import { boot, start, stop, suspend } from "./steps/power.ts";
import { unvolume, volume } from "./steps/volume.ts";
import { renderUserData } from "./user-data.ts";

export interface HetznerConfig {
  /** With its path: `https://api.hetzner.cloud/v1` */
  apiUrl: string;
  /** Of one project; everything we make is in it. */
  token: string;
  /** Where hosts reach the control plane. */
  controlUrl: string;
  /** What enrolments, tunnels and the names of their origins are derived from. */
  hostSecret: string;
  /** The zone that the origins' names are in. */
  baseDomain: string;
  /** Where an origin is reached, with `{host}` for its name: `https://{host}` */
  originUrl: string;
  cloudflare: { apiUrl: string; token: string; accountId: string; zoneId: string };
  host: HostLink;
  /** Of the host program that the control plane serves. */
  hostProgramSha256: string;
  /** In front of every name; two deployments in one project need two. */
  prefix?: string;
  /** The operating system of every server; it must know apt and systemd. */
  image?: string;
  shutdownGraceMs?: number;
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
  unvolume,
  unplace,
  gone,
  observe,
} satisfies Record<Step, StepRun>;

const IMAGE = "debian-12";
/** By then the host program has put the agent away already, and only the system is left to end. */
const SHUTDOWN_GRACE_MS = 45_000;

export function createHetznerProvider(config: HetznerConfig): Provider {
  const { host, prefix } = config;
  const send: typeof fetch = config.fetch ?? ((input, init) => fetch(input, init));
  const now = config.now ?? (() => Date.now());
  const sleep = config.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const apiUrl = config.apiUrl.replace(/\/+$/, "");
  const api = createApi(createClient({ apiUrl, token: config.token, fetch: send, now }));
  const tunnels = createTunnels({ ...config.cloudflare, fetch: send, now });
  const originOf = async (instanceId: string) =>
    `${await deriveOriginLabel(config.hostSecret, instanceId)}.${config.baseDomain}`;

  const contextOf = (target: Target, options: StepOptions): StepContext => ({
    api,
    tunnels,
    host,
    name: nameOf(target.instanceId, prefix),
    target,
    options,
    until: now() + options.holdMs,
    now,
    sleep,
    origin: () => originOf(target.instanceId),
    tunnelSecret: () => deriveTunnelSecret(config.hostSecret, target.instanceId),
    userData: (volumeId) => userDataOf(config, target.instanceId, volumeId),
    shutdownGraceMs: config.shutdownGraceMs ?? SHUTDOWN_GRACE_MS,
    image: config.image ?? IMAGE,
    probe: (origin, path, timeoutMs) =>
      probePage(send, `${config.originUrl.replace("{host}", origin).replace(/\/+$/, "")}${path}`, timeoutMs),
  });

  return {
    name: "hetzner",
    substrate: "hetzner-server",
    async run(step: Step, target: Target, options: StepOptions): Promise<Outcome<StepValue>> {
      return unnameable(target, prefix) ?? RUN[step](contextOf(target, options));
    },
    async exec(target: Target, request: ExecRequest): Promise<Outcome<ExecResult>> {
      if (target.refs.machine === undefined)
        return { type: "rejected", code: "missing", message: "There is no machine to run commands in" };
      return host.exec(target.instanceId, request);
    },
    pty: (target: Target, size: { cols: number; rows: number }): Promise<Outcome<PtySocket>> =>
      host.pty(target.instanceId, size),
    async logs(target: Target, options: { cursor?: string }): Promise<Outcome<LogPage>> {
      const page = await host.logs(target.instanceId, options);
      return page.type === "ok" ? { type: "ok", value: told(page.value, target) } : page;
    },
    list: (): Promise<Outcome<OwnedMachine[]>> => listOwned({ api, tunnels, prefix, originOf }),
    async limits(): Promise<Outcome<VendorLimit[]>> {
      const usage = await tunnels.usage();
      if (usage.type !== "ok") return usage;
      const { tunnels: made, records } = usage.value;
      return {
        type: "ok",
        value: [
          { name: "tunnels", ...made },
          { name: "DNS records", ...records },
        ],
      };
    },
  };
}

async function userDataOf(
  config: HetznerConfig,
  instanceId: string,
  volumeId: string | null,
): Promise<{ text: string; secrets: string[] }> {
  const { controlUrl, hostProgramSha256 } = config;
  const enrolmentSecret = await deriveEnrolmentSecret(config.hostSecret, instanceId);
  const text = renderUserData({
    controlUrl,
    instanceId,
    enrolmentSecret,
    hostProgramSha256,
    volume: volumeId,
  });
  return { text, secrets: [enrolmentSecret] };
}

/** A host program knows nothing of the vendor; what a log says of its origin is the same with every provider. */
function told(page: LogPage, { region, refs, instanceId }: Target): LogPage {
  const instance = refs.machine ?? instanceId;
  return { ...page, lines: page.lines.map((line) => ({ ...line, region, instance })) };
}

function unnameable(
  target: Target,
  prefix: string | undefined,
): Extract<Outcome<never>, { type: "rejected" }> | undefined {
  if (isNameable(target, prefix)) return undefined;
  const message = `Hetzner cannot name a server after the instance "${target.instanceId}", or label it for its account`;
  return { type: "rejected", code: "invalid_spec", message };
}

/** Through the tunnel, the way the edge goes. */
async function probePage(send: typeof fetch, url: string, timeoutMs: number): Promise<number | string> {
  try {
    const response = await send(url, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    const isSlow = error instanceof Error && error.name === "TimeoutError";
    return isSlow ? "no answer yet" : "nothing answers yet";
  }
}
