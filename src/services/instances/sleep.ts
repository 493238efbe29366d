import { AppError } from "../../errors.ts";
import type { InstanceRow } from "../../instance/projection.ts";

/** Beyond it Fly documents that it does not suspend. */
const MOST_SUSPENDED_MB = 2_048;

/** Whether its machine can be frozen, and not only stopped. */
export function canBeSuspended({ provider, spec }: Pick<InstanceRow, "provider" | "spec">): boolean {
  return provider === "fly" && spec.memoryMb <= MOST_SUSPENDED_MB;
}

type Sleeper = Pick<InstanceRow, "provider" | "exposure" | "spec">;

/**
 * An instance with an address may sleep where it is also woken by its address: where its vendor freezes machines. A body is
 * woken by whoever uses it, also from a stop.
 * @throws invalid_request
 */
export function requireSleepable({ provider, exposure, spec }: Sleeper, field: string): void {
  if (exposure === "private") {
    return;
  }
  if (provider !== "fly") {
    const hint =
      provider === "hetzner"
        ? "A server is billed while it is off as well; create the instance with --provider fly, or stop it yourself."
        : "Stop the instance yourself: gentity compute stop";
    throw refusal(`${provider} cannot suspend machines, so an instance there does not sleep.`, field, hint);
  }
  if (spec.memoryMb > MOST_SUSPENDED_MB) {
    throw refusal(
      `Fly suspends machines of up to ${MOST_SUSPENDED_MB} MB of memory; this one has ${spec.memoryMb} MB.`,
      field,
      "Create it with less memory: --memory 2g",
    );
  }
}

/** A schedule wakes from a suspend, and from nothing else. @throws invalid_request */
export function requireWakeBySchedule({ provider }: Sleeper, field: string): void {
  if (provider !== "fly") {
    throw refusal(
      `${provider} cannot suspend machines, so there is nothing for a schedule to wake.`,
      field,
      "A stopped instance is started by: gentity compute start",
    );
  }
}

function refusal(message: string, field: string, hint: string): AppError {
  const details = [{ field, problem: "is not offered for this instance" }];
  return new AppError("invalid_request", message, { hint, details });
}
