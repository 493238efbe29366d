import { VISIT_MS } from "../instance/activity.ts";
import { instanceStub } from "../instance/stub.ts";
import { describeError, logEvent } from "../log.ts";
import type { Route } from "./route.ts";
import { Throttle } from "./throttle.ts";
import type { Visit } from "./visit.ts";

const reported = new Throttle(VISIT_MS, 10_000);

/**
 * Tells the object of an instance that sleeps when idle that somebody asks for it; in the background, and no more often than
 * a report counts. Where it could not be told, the next request does.
 */
export function reportActivity({ env, ctx }: Pick<Visit, "env" | "ctx">, { instanceId }: Route): void {
  const now = Date.now();
  if (reported.isHeld(instanceId, now)) {
    return;
  }
  reported.hold(instanceId, now);
  const report = instanceStub(env, instanceId)
    .visited()
    .catch((error: unknown) => {
      reported.release(instanceId);
      logEvent("activity.failed", { level: "error", instanceId, cause: describeError(error) });
    });
  ctx.waitUntil(report);
}
