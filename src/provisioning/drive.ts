import type { Directive } from "../instance/contract.ts";
import type { StepReport } from "../instance/report.ts";
import type { InstanceStub } from "../instance/stub.ts";
import { describeError, logEvent } from "../log.ts";
import type { MachineRecipe, Outcome, Provider, ProviderName, Target } from "../providers/provider.ts";
import { SealingError } from "../secrets/seal.ts";
import { findWork } from "./exec/work.ts";
import { HOW_TO_CONFIGURE } from "./how-to-configure.ts";

export interface DriveDeps {
  /** Undefined when the provider is not configured. */
  provider: (name: ProviderName) => Provider | undefined;
  /** Opens a sealed recipe of an instance. */
  openRecipe: (instanceId: string, sealed: string) => Promise<MachineRecipe>;
  /** Whether the account's limits allow that something other than its owner wakes it. */
  permit: (target: Target) => Promise<Outcome<StepReport>>;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

export interface DriveOptions {
  driver: string;
  /** Stops asking for more after this long; what is left is called for again. */
  budgetMs: number;
  /** The longest a single step may wait at the vendor. */
  holdMs: number;
}

/** Longer waits are not slept through: the object calls the next driver when the time has come. */
const NAP_MS = 2_500;

type StepDirective = Extract<Directive, { type: "step" }>;

/**
 * Drives one instance: asks its object what to do, does one idempotent step at the vendor, reports, and repeats until
 * there is nothing to do, another driver is at it, or the budget is spent. Holds no state of its own; a driver that dies
 * anywhere is replaced, and its late report is dropped by the fence.
 */
export async function drive(deps: DriveDeps, stub: InstanceStub, options: DriveOptions): Promise<void> {
  const deadline = deps.now() + options.budgetMs;
  let directive: Directive = await stub.next(options.driver);
  for (;;) {
    if (directive.type === "idle" || directive.type === "busy") {
      return;
    }
    if (directive.type === "later") {
      if (directive.afterMs > NAP_MS || deps.now() + directive.afterMs > deadline) {
        break;
      }
      await deps.sleep(directive.afterMs);
      directive = await stub.next(options.driver);
      continue;
    }
    const startedAt = deps.now();
    const holdMs = Math.max(0, Math.min(options.holdMs, deadline - startedAt));
    const outcome = await runStep(deps, directive, holdMs);
    logStep(directive, outcome, deps.now() - startedAt);
    directive = await stub.report(options.driver, directive.fence, directive.step, outcome);
    if (deps.now() >= deadline) {
      break;
    }
  }
  await stub.release(options.driver);
}

async function runStep(
  deps: DriveDeps,
  directive: StepDirective,
  holdMs: number,
): Promise<Outcome<StepReport>> {
  if (directive.step === "permit") {
    return deps.permit(directive.target);
  }
  const provider = deps.provider(directive.provider);
  if (!provider) {
    return {
      type: "rejected",
      code: "unauthorized",
      message: `The provider "${directive.provider}" is not configured.`,
      hint: HOW_TO_CONFIGURE[directive.provider],
    };
  }
  const { sealedRecipe, target, service } = directive;
  try {
    const recipe =
      sealedRecipe === undefined ? undefined : await deps.openRecipe(target.instanceId, sealedRecipe);
    if (directive.step === "quiet") {
      return await lookForWork(provider, target, service.port);
    }
    return await provider.run(directive.step, target, { holdMs, recipe, service });
  } catch (error) {
    if (error instanceof SealingError) {
      const hint =
        "The operator puts the key back into SEALING_KEYS; then delete the instance and create it again.";
      return { type: "rejected", code: "invalid_spec", message: `The sealed recipe ${error.message}.`, hint };
    }
    // A provider answers with outcomes; a throw is a bug of ours in the middle of a step, so nothing is known.
    logEvent("provisioning.threw", { level: "error", step: directive.step, cause: describeError(error) });
    return { type: "unknown", cause: `internal: ${describeError(error)}` };
  }
}

async function lookForWork(
  provider: Provider,
  target: Target,
  port: number | undefined,
): Promise<Outcome<StepReport>> {
  const found = await findWork((request) => provider.exec(target, request), port);
  return found.type === "ok" ? { type: "ok", value: { busy: found.value } } : found;
}

function logStep(
  { target, step, fence }: StepDirective,
  outcome: Outcome<StepReport>,
  durationMs: number,
): void {
  const detail =
    outcome.type === "ok" ? undefined : outcome.type === "pending" ? outcome.note : describeOutcome(outcome);
  logEvent("provisioning.step", {
    instanceId: target.instanceId,
    goal: fence.goal,
    generation: fence.generation,
    step,
    outcome: outcome.type,
    detail,
    durationMs,
  });
}

function describeOutcome(outcome: Exclude<Outcome<unknown>, { type: "ok" | "pending" }>): string {
  return outcome.type === "rejected" ? `${outcome.code}: ${outcome.message}` : outcome.cause;
}
