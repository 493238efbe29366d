/** Deterministic names at the vendor: what we make is found again by name alone, whatever answers were lost. */
import type { Target } from "../provider.ts";

export interface Names {
  app: string;
  network: string;
  volume: string;
  machine: string;
}

const DEFAULT_PREFIX = "gentity";
const MAX_APP_NAME = 62;
const MAX_VOLUME_NAME = 30;

/**
 * What Fly takes as part of an app's name. An id beyond it has no name at Fly, rather than one it might share. Without a
 * dash in it, `gentity-staging-abc` can never pass for an instance of the deployment `gentity`.
 */
export function isNameable(instanceId: string, prefix: string = DEFAULT_PREFIX): boolean {
  return /^[a-z0-9]+$/.test(instanceId) && prefix.length + 1 + instanceId.length <= MAX_APP_NAME;
}

export function namesOf(target: Pick<Target, "instanceId" | "refs">, prefix: string = DEFAULT_PREFIX): Names {
  const name = `${prefix}-${target.instanceId}`;
  return {
    app: target.refs.place ?? name,
    network: name,
    volume: volumeName(target.instanceId),
    machine: name,
  };
}

/** The instance an app's name stands for, or undefined when the app is none of ours. */
export function instanceOfApp(app: string, prefix: string = DEFAULT_PREFIX): string | undefined {
  const id = app.startsWith(`${prefix}-`) ? app.slice(prefix.length + 1) : "";
  return isNameable(id, prefix) ? id : undefined;
}

/** Unique within its app, which holds one instance, so cutting it short loses nothing. */
export function volumeName(instanceId: string): string {
  return `data_${instanceId}`.slice(0, MAX_VOLUME_NAME);
}
