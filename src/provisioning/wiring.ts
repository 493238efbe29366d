import { type Env, readConfig } from "../env.ts";
import { HOST_PROGRAM_SHA256 } from "../host-program.ts";
import { newDriverId } from "../ids.ts";
import type { InstanceRow } from "../instance/projection.ts";
import { type InstanceStub, instanceStub } from "../instance/stub.ts";
import { createProviders, type Providers } from "../providers/index.ts";
import type { Provider, ProviderName, Target } from "../providers/provider.ts";
import { consumeDeadLetters, consumeProvisioning } from "./consumer.ts";
import { type DriveDeps, drive } from "./drive.ts";
import { createHostLink } from "./host/link.ts";
import { openRecipe } from "./open-recipe.ts";

/** In the queue a message may be held for a while, but not so long that others behind it wait. */
const QUEUE_DRIVE = { budgetMs: 25_000, holdMs: 5_000 };

export function findProvider(env: Env, name: ProviderName): Provider | undefined {
  return providersOf(env)[name];
}

export function configuredProviders(env: Env): Provider[] {
  return Object.values(providersOf(env));
}

function providersOf(env: Env): Providers {
  const { fly, hetzner, daytona } = readConfig(env);
  const host = { host: createHostLink(env), hostProgramSha256: HOST_PROGRAM_SHA256 };
  return createProviders({ fly, daytona, hetzner: hetzner && { ...hetzner, ...host } });
}

/** What a provider needs to know of an instance, from its record. */
export function targetOf(row: InstanceRow): Target {
  return {
    instanceId: row.id,
    accountId: row.accountId,
    region: row.region,
    spec: row.spec,
    exposure: row.exposure,
    refs: { place: row.place ?? undefined, machine: row.machine ?? undefined },
  };
}

/** Asks the account's limits; they are known above provisioning, so whoever drives brings it along. */
export type Permit = (env: Env, target: Target) => ReturnType<DriveDeps["permit"]>;

function driveDeps(env: Env, permit: Permit): DriveDeps {
  return {
    permit: (target) => permit(env, target),
    provider: (name) => findProvider(env, name),
    openRecipe: (instanceId, sealed) => openRecipe(env, instanceId, sealed),
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

/** Drives one instance within a request that is waiting for it anyway; the queue finishes what this leaves. */
export function driveInline(
  env: Env,
  stub: InstanceStub,
  { budgetMs, permit }: { budgetMs: number; permit: Permit },
): Promise<void> {
  return drive(driveDeps(env, permit), stub, { driver: newDriverId(), budgetMs, holdMs: 10_000 });
}

/** Every queue of this Worker, by its name. */
export async function consumeQueue(batch: MessageBatch, env: Env, permit: Permit): Promise<void> {
  const stub = (instanceId: string) => instanceStub(env, instanceId);
  if (batch.queue.endsWith("-dead")) {
    await consumeDeadLetters(batch, { stub });
    return;
  }
  const deps = driveDeps(env, permit);
  await consumeProvisioning(batch, {
    stub,
    drive: (target) => drive(deps, target, { driver: newDriverId(), ...QUEUE_DRIVE }),
  });
}
