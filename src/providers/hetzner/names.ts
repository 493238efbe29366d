/** Deterministic names and labels at the vendor: what we make is found again by them alone, whatever answers were lost. */
import type { Target } from "../provider.ts";

export const LABEL = {
  managed: "gentity_managed",
  instance: "gentity_instance",
  account: "gentity_account",
} as const;

const DEFAULT_PREFIX = "gentity";
/** A server's name is a host name. */
const MAX_NAME = 63;

/**
 * Without a dash in the id, `gentity-staging-abc` can never pass for an instance of the deployment `gentity`. An account that
 * no label can hold is refused as well: what it owns could not be told from others' by the vendor's own list.
 */
export function isNameable(
  target: Pick<Target, "instanceId" | "accountId">,
  prefix: string = DEFAULT_PREFIX,
): boolean {
  const { instanceId, accountId } = target;
  return (
    /^[a-z0-9]+$/.test(instanceId) &&
    prefix.length + 1 + instanceId.length <= MAX_NAME &&
    isLabelValue(accountId)
  );
}

/** Letters and digits at both ends, `-_.` inside, at most 63. */
export function isLabelValue(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(text);
}

/** One name for the server, the volume, the firewall and the tunnel: each kind has names of its own. */
export function nameOf(instanceId: string, prefix: string = DEFAULT_PREFIX): string {
  return `${prefix}-${instanceId}`;
}

/** The instance a name stands for, or undefined when it is none of this deployment's. */
export function instanceOfName(name: string, prefix: string = DEFAULT_PREFIX): string | undefined {
  const id = name.startsWith(`${prefix}-`) ? name.slice(prefix.length + 1) : "";
  return /^[a-z0-9]+$/.test(id) ? id : undefined;
}

export function labelsOf(target: Pick<Target, "instanceId" | "accountId">): Record<string, string> {
  return {
    [LABEL.managed]: "true",
    [LABEL.instance]: target.instanceId,
    [LABEL.account]: target.accountId,
  };
}

export function isOurs(labels: Record<string, string>, instanceId: string): boolean {
  return labels[LABEL.managed] === "true" && labels[LABEL.instance] === instanceId;
}

export const SELECT_MANAGED = `${LABEL.managed}=true`;

export function selectInstance(instanceId: string): string {
  return `${LABEL.instance}=${instanceId}`;
}
