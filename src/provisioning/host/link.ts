import type { Env } from "../../env.ts";
import { hostStub } from "../../host-object/stub.ts";
import { describeError } from "../../log.ts";
import type { HostLink } from "../../providers/host-link.ts";
import type { Outcome } from "../../providers/provider.ts";

/** The way to a host program through its object. An object that is lost in the middle of a call knows nothing of its end. */
export function createHostLink(env: Pick<Env, "HOSTS">): HostLink {
  return {
    report: (instanceId) => hostStub(env, instanceId).report(),
    exec: (instanceId, request) =>
      hostStub(env, instanceId)
        .exec(request)
        .catch((error: unknown): Outcome<never> => ({ type: "unknown", cause: describeError(error) })),
    logs: async (instanceId, options) => {
      try {
        return { type: "ok", value: await hostStub(env, instanceId).logs(options) };
      } catch (error) {
        return retry(error);
      }
    },
    quiesce: (instanceId) => hostStub(env, instanceId).quiesce().catch(retry),
    forget: (instanceId) => hostStub(env, instanceId).forget(),
  };
}

const retry = (error: unknown): Outcome<never> => ({
  type: "retry",
  afterMs: 1_000,
  cause: describeError(error),
});
