import { instanceStub } from "../instance/stub.ts";
import type { Route } from "./route.ts";
import { routeOf } from "./routes.ts";
import type { Visit } from "./visit.ts";

/** A request to a starting instance is held this long, in milliseconds. */
const HOLD_MS = 30_000;

/** What a starting instance has become; undefined where the name is not its own any more. */
export async function holdUntilSettled({ env, subdomain }: Visit, route: Route): Promise<Route | undefined> {
  const settled = await instanceStub(env, route.instanceId).settled(HOLD_MS);
  if (settled && settled.subdomain !== subdomain) {
    return undefined;
  }
  return settled ? routeOf(settled) : route;
}
