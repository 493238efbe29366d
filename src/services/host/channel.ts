import type { Env } from "../../env.ts";
import { hostStub } from "../../host-object/stub.ts";

/** Hands the host's WebSocket to the instance's object, which lets it prove itself. */
export function openChannel(env: Env, instanceId: string, request: Request): Promise<Response> {
  // Of the request only the wish to be upgraded counts there.
  return hostStub(env, instanceId).fetch("https://host/channel", { headers: request.headers });
}
