import { VISIT_MS } from "../instance/activity.ts";
import { instanceStub } from "../instance/stub.ts";
import { describeError, logEvent } from "../log.ts";
import type { Route } from "./route.ts";
import { Throttle } from "./throttle.ts";
import type { Visit } from "./visit.ts";
import { awakenBehind } from "./wake.ts";

const reported = new Throttle(VISIT_MS, 10_000);

/**
 * Tells the object of an instance that sleeps when idle that somebody asks for it; in the background, and no more often than
 * a report counts. Where it could not be told, the next request does. One that has begun to fall asleep at this very moment is
 * woken again: the request may be in it already, and would wait there until somebody else comes.
 */
export function reportActivity(visit: Visit, route: Route): void {
  const { instanceId } = route;
  const now = Date.now();
  if (reported.isHeld(instanceId, now)) {
    return;
  }
  reported.hold(instanceId, now);
  const report = instanceStub(visit.env, instanceId)
    .visited()
    .then((state) => {
      if (state === "suspending" || state === "suspended") {
        awakenBehind(visit, { ...route, state });
      }
    })
    .catch((error: unknown) => {
      reported.release(instanceId);
      logEvent("activity.failed", { level: "error", instanceId, cause: describeError(error) });
    });
  visit.ctx.waitUntil(report);
}
