import { type Env, readConfig } from "../env.ts";
import { newDriverId } from "../ids.ts";
import type { InstanceRow } from "../instance/projection.ts";
import { type InstanceStub, instanceStub } from "../instance/stub.ts";
import { createProviders } from "../providers/index.ts";
import type { Provider, ProviderName, Target } from "../providers/provider.ts";
import { consumeDeadLetters, consumeProvisioning } from "./consumer.ts";
import { type DriveDeps, drive } from "./drive.ts";
import { openRecipe } from "./open-recipe.ts";

/** In the queue a message may be held for a while, but not so long that others behind it wait. */
const QUEUE_DRIVE = { budgetMs: 25_000, holdMs: 5_000 };

export function findProvider(env: Env, name: ProviderName): Provider | undefined {
  const { fly } = readConfig(env);
  return createProviders({ fly })[name];
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

function driveDeps(env: Env): DriveDeps {
  return {
    provider: (name) => findProvider(env, name),
    openRecipe: (instanceId, sealed) => openRecipe(env, instanceId, sealed),
    now: Date.now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

/** Drives one instance within a request that is waiting for it anyway; the queue finishes what this leaves. */
export function driveInline(env: Env, stub: InstanceStub, budgetMs: number): Promise<void> {
  return drive(driveDeps(env), stub, { driver: newDriverId(), budgetMs, holdMs: 10_000 });
}

/** Every queue of this Worker, by its name. */
export async function consumeQueue(batch: MessageBatch, env: Env): Promise<void> {
  const stub = (instanceId: string) => instanceStub(env, instanceId);
  if (batch.queue.endsWith("-dead")) {
    await consumeDeadLetters(batch, { stub });
    return;
  }
  const deps = driveDeps(env);
  await consumeProvisioning(batch, {
    stub,
    drive: (target) => drive(deps, target, { driver: newDriverId(), ...QUEUE_DRIVE }),
  });
}
