import type { Env } from "../env.ts";
import type { HostObject } from "./object.ts";

export type HostStub = DurableObjectStub<HostObject>;

/** The object behind an instance's host program, by the instance's id. Every stub comes from here. */
export function hostStub(env: Pick<Env, "HOSTS">, instanceId: string): HostStub {
  return env.HOSTS.getByName(instanceId);
}
