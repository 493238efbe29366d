import { findEngine } from "../../docker-engine-client/engine.ts";
import { BubblewrapRuntime, findBubblewrap } from "./bubblewrap.ts";
import { Cgroups } from "./cgroups.ts";
import { DockerImages } from "./docker/images.ts";
import { PerMachineRuntime } from "./docker/per-machine.ts";
import { DockerRuntime } from "./docker/runtime.ts";
import { NoIsolationRuntime } from "./none.ts";
import type { Isolation, Runtime } from "./runtime.ts";
import { findUnshare, UnshareRuntime } from "./unshare.ts";

type LocalRuntime = Runtime & { isolation: Isolation };
type Candidate = (cgroups: Cgroups) => Promise<LocalRuntime | undefined>;

/** Every way to run a machine without an engine, the best first. Each proves that it works here, or stands aside. */
const CANDIDATES = {
  bubblewrap: async (cgroups) => {
    const privilege = await findBubblewrap();
    return privilege && new BubblewrapRuntime(cgroups, privilege);
  },
  unshare: async (cgroups) => {
    const privilege = await findUnshare();
    return privilege && new UnshareRuntime(cgroups, privilege);
  },
  none: async (cgroups) => new NoIsolationRuntime(cgroups),
} satisfies Partial<Record<Isolation, Candidate>>;

type LocalName = keyof typeof CANDIDATES;

export type RuntimeName = LocalName | "docker";

const LOCAL_NAMES = Object.keys(CANDIDATES) as LocalName[];

export const RUNTIME_NAMES: RuntimeName[] = ["docker", ...LOCAL_NAMES];

export interface RuntimeChoice {
  /** Absent: the best that works here. */
  wanted?: RuntimeName;
  /** Names this program's control groups and containers. */
  scope: string;
  /** As `DOCKER_HOST`. Absent: the usual sockets; false: no Docker. */
  dockerHost?: string | false;
}

export async function chooseRuntime({ wanted, scope, dockerHost }: RuntimeChoice): Promise<Runtime> {
  const cgroups = await Cgroups.detect(scope);
  if (wanted !== undefined && wanted !== "docker") return chooseLocal([wanted], cgroups);
  const engine = dockerHost === false ? { reason: "it was switched off" } : await findEngine(dockerHost);
  if ("reason" in engine) {
    if (wanted === "docker") throw new Error(`the runtime "docker" does not work here: ${engine.reason}`);
    return chooseLocal(LOCAL_NAMES, cgroups);
  }
  const otherwise = await chooseLocal(LOCAL_NAMES, cgroups);
  return new PerMachineRuntime({
    docker: new DockerRuntime({ engine, scope }),
    // An agent's image has gigabytes, which nobody expects of a first try.
    images: new DockerImages(engine, { pulls: wanted === "docker" }),
    otherwise,
    isolation: wanted ?? `docker, else ${otherwise.isolation}`,
  });
}

async function chooseLocal(names: readonly LocalName[], cgroups: Cgroups): Promise<LocalRuntime> {
  for (const name of names) {
    const runtime = await CANDIDATES[name](cgroups);
    if (runtime) return runtime;
  }
  throw new Error(`the runtime "${names.join(" or ")}" does not work on this computer`);
}
