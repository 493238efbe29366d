/** Deterministic names at the vendor: what we make is found again by name alone, whatever answers were lost. */
import type { Target } from "../provider.ts";

export interface Names {
  app: string;
  network: string;
  volume: string;
  machine: string;
}

/** What stands in front of an app's name. Two deployments in one organization need two of each. */
export interface Prefixes {
  /** Of public instances: `gentity` unless given. */
  prefix?: string;
  /** Of the apps that hold an account's private ones: `gentity-bodies` unless given. */
  bodyPrefix?: string;
}

type Named = Pick<Target, "instanceId" | "accountId" | "exposure">;

const DEFAULT_PREFIX = "gentity";
const DEFAULT_BODY_PREFIX = "gentity-bodies";
const MAX_APP_NAME = 62;
const MAX_VOLUME_NAME = 30;

/**
 * What Fly takes as part of an app's name. An id beyond it has no name at Fly, rather than one it might share. Without a
 * dash in it, `gentity-staging-abc` can never pass for an instance of the deployment `gentity`.
 */
export function isNameable(instanceId: string, prefix: string = DEFAULT_PREFIX): boolean {
  return /^[a-z0-9]+$/.test(instanceId) && prefix.length + 1 + instanceId.length <= MAX_APP_NAME;
}

/** Why Fly cannot name what this target needs, or undefined. */
export function findNameProblem(target: Named, { prefix, bodyPrefix }: Prefixes = {}): string | undefined {
  const { instanceId, accountId } = target;
  if (!isNameable(instanceId, prefix)) {
    return `Fly cannot name an app after the instance "${instanceId}": lowercase letters and digits, at most 54`;
  }
  if (target.exposure === "public") return undefined;
  if (instanceId.length > MAX_VOLUME_NAME) {
    return `Fly cannot name a volume after the instance "${instanceId}": at most ${MAX_VOLUME_NAME} characters`;
  }
  const isShaped = /^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(accountId);
  return isShaped && bodyApp(accountId, bodyPrefix).length <= MAX_APP_NAME
    ? undefined
    : `Fly cannot name an app after the account "${accountId}"`;
}

/** A public instance has an app to itself; the private ones of an account share one, and nobody else is on its network. */
export function namesOf(
  target: Named & Pick<Target, "refs">,
  { prefix = DEFAULT_PREFIX, bodyPrefix }: Prefixes = {},
): Names {
  const { instanceId, accountId, refs } = target;
  const name = `${prefix}-${instanceId}`;
  if (target.exposure === "private") {
    const shared = bodyApp(accountId, bodyPrefix);
    return { app: refs.place ?? shared, network: shared, volume: instanceId, machine: name };
  }
  return { app: refs.place ?? name, network: name, volume: volumeName(instanceId), machine: name };
}

/** Ids have no dash, so no two accounts come to one name. */
function bodyApp(accountId: string, bodyPrefix: string = DEFAULT_BODY_PREFIX): string {
  return `${bodyPrefix}-${accountId.replaceAll("_", "-")}`;
}

/** The instance an app's name stands for, or undefined when the app is none of ours. */
export function instanceOfApp(app: string, prefix: string = DEFAULT_PREFIX): string | undefined {
  const id = app.startsWith(`${prefix}-`) ? app.slice(prefix.length + 1) : "";
  return isNameable(id, prefix) ? id : undefined;
}

export function isBodyApp(app: string, bodyPrefix: string = DEFAULT_BODY_PREFIX): boolean {
  return app.startsWith(`${bodyPrefix}-`);
}

/** The private instance a volume's name stands for, in an app that several share. */
export function instanceOfBodyVolume(name: string): string | undefined {
  return /^[a-z0-9]+$/.test(name) ? name : undefined;
}

/** Unique within its app, which holds one instance, so cutting it short loses nothing. */
export function volumeName(instanceId: string): string {
  return `data_${instanceId}`.slice(0, MAX_VOLUME_NAME);
}
