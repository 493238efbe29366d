import type { Env } from "../env.ts";
import type { InstanceObject } from "./object.ts";

export type InstanceStub = DurableObjectStub<InstanceObject>;

/** The object of an instance, by the instance's id. Every stub comes from here. */
export function instanceStub(env: Pick<Env, "INSTANCES">, instanceId: string): InstanceStub {
  return env.INSTANCES.getByName(instanceId);
}
