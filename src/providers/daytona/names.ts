/** Deterministic names at the vendor: what we make is found again by name alone, whatever answers were lost. */

const DEFAULT_PREFIX = "gentity";
const MAX_NAME = 128;

/** Without a dash in the id, `gentity-staging-abc` can never pass for an instance of the deployment `gentity`. */
export function isNameable(instanceId: string, prefix: string = DEFAULT_PREFIX): boolean {
  return /^[a-z0-9]+$/.test(instanceId) && prefix.length + 1 + instanceId.length <= MAX_NAME;
}

export function sandboxName(instanceId: string, prefix: string = DEFAULT_PREFIX): string {
  return `${prefix}-${instanceId}`;
}

export const LABELS = {
  instance: "gentity_instance",
  account: "gentity_account",
  managed: "gentity_managed",
  recipe: "gentity_recipe",
} as const;
