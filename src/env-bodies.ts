import type { MachineSpec } from "./providers/provider.ts";

/** What a body is unless its maker says otherwise; each may be tuned. */
export interface BodyEnv {
  BODY_IMAGE?: string;
  /** `shared` or `performance`. */
  BODY_CPU_KIND?: string;
  BODY_CPUS?: string;
  BODY_MEMORY_MB?: string;
  BODY_VOLUME_GB?: string;
  BODY_REGION?: string;
  /** In front of the name of the app that holds an account's bodies. */
  BODY_APP_PREFIX?: string;
  /** Suspended after so many seconds without work; 0: never. */
  BODY_IDLE_SECONDS?: string;
}

export interface BodyConfig {
  image: string;
  spec: MachineSpec;
  region: string;
  appPrefix: string;
  idleTimeoutSeconds: number | null;
}

/** @throws Error that names the variable which is malformed. */
export function readBodyConfig(env: BodyEnv): BodyConfig {
  const cpuKind = env.BODY_CPU_KIND || "performance";
  if (cpuKind !== "performance" && cpuKind !== "shared") {
    throw new Error("BODY_CPU_KIND must be shared or performance");
  }
  const appPrefix = env.BODY_APP_PREFIX || "gentity-bodies";
  if (!/^[a-z][a-z0-9-]{0,29}$/.test(appPrefix)) {
    throw new Error("BODY_APP_PREFIX must be at most 30 lowercase letters, digits and dashes");
  }
  return {
    image: env.BODY_IMAGE || "nikolaik/python-nodejs:python3.12-nodejs22",
    spec: {
      cpuKind,
      cpus: wholeNumber(env, "BODY_CPUS", 2),
      memoryMb: wholeNumber(env, "BODY_MEMORY_MB", 4_096),
      volumeGb: wholeNumber(env, "BODY_VOLUME_GB", 10),
    },
    region: env.BODY_REGION || "iad",
    appPrefix,
    idleTimeoutSeconds: wholeNumber(env, "BODY_IDLE_SECONDS", 300, 0) || null,
  };
}

type Countable = "BODY_CPUS" | "BODY_MEMORY_MB" | "BODY_VOLUME_GB" | "BODY_IDLE_SECONDS";

function wholeNumber(env: BodyEnv, name: Countable, otherwise: number, least = 1): number {
  const value = env[name] ? Number(env[name]) : otherwise;
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`${name} must be a whole number of at least ${least}`);
  }
  return value;
}
