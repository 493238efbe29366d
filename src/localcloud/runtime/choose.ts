import { BubblewrapRuntime, findBubblewrap } from "./bubblewrap.ts";
import { Cgroups } from "./cgroups.ts";
import { NoIsolationRuntime } from "./none.ts";
import type { Isolation, Runtime } from "./runtime.ts";
import { findUnshare, UnshareRuntime } from "./unshare.ts";

type Candidate = (cgroups: Cgroups) => Promise<Runtime | undefined>;

/** Every way to run a machine, the best first. Each proves that it works here, or stands aside. */
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

export type RuntimeName = keyof typeof CANDIDATES;

export const RUNTIME_NAMES = Object.keys(CANDIDATES) as RuntimeName[];

export interface RuntimeChoice {
  /** Absent: the best that works here. */
  wanted?: RuntimeName;
  /** Names this program's control groups. */
  scope: string;
}

export async function chooseRuntime({ wanted, scope }: RuntimeChoice): Promise<Runtime> {
  const cgroups = await Cgroups.detect(scope);
  for (const name of wanted ? [wanted] : RUNTIME_NAMES) {
    const runtime = await CANDIDATES[name](cgroups);
    if (runtime) return runtime;
  }
  throw new Error(`the runtime "${wanted}" does not work on this computer`);
}
