import { AppError } from "../../errors.ts";
import type { Outcome } from "../../providers/provider.ts";

/** A vendor's outcome as the error that a person sees when nothing but this call was asked for. */
export function failureOf(outcome: Exclude<Outcome<unknown>, { type: "ok" }>): AppError {
  switch (outcome.type) {
    case "rejected":
      return new AppError(
        outcome.code === "not_running" ? "invalid_state" : "vendor_failed",
        outcome.message,
        { hint: outcome.hint },
      );
    case "pending":
      return new AppError("vendor_unavailable", outcome.note, {
        hint: "Try again in a moment.",
        retryAfterSeconds: 2,
      });
    case "retry":
      return new AppError("vendor_unavailable", outcome.cause, {
        hint: "Try again in a moment.",
        retryAfterSeconds: Math.max(1, Math.ceil(outcome.afterMs / 1000)),
      });
    case "unknown":
      return new AppError("vendor_unavailable", outcome.cause, {
        hint: "It may have happened. Look, then try again.",
      });
    default:
      return outcome satisfies never;
  }
}
