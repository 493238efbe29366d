import type { Env } from "../../env.ts";
import { PTY_PATH } from "../../host-object/pty.ts";
import { hostStub } from "../../host-object/stub.ts";
import { describeError } from "../../log.ts";
import type { HostLink } from "../../providers/host-link.ts";
import type { Outcome, PtySocket } from "../../providers/provider.ts";

/** The way to a host program through its object. An object that is lost in the middle of a call knows nothing of its end. */
export function createHostLink(env: Pick<Env, "HOSTS">): HostLink {
  return {
    report: (instanceId) => hostStub(env, instanceId).report(),
    exec: (instanceId, request) =>
      hostStub(env, instanceId)
        .exec(request)
        .catch((error: unknown): Outcome<never> => ({ type: "unknown", cause: describeError(error) })),
    pty: (instanceId, size) => openPty(env, instanceId, size).catch(retry),
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

async function openPty(
  env: Pick<Env, "HOSTS">,
  instanceId: string,
  { cols, rows }: { cols: number; rows: number },
): Promise<Outcome<PtySocket>> {
  const url = `https://host${PTY_PATH}?cols=${cols}&rows=${rows}`;
  const { webSocket } = await hostStub(env, instanceId).fetch(url, { headers: { Upgrade: "websocket" } });
  if (!webSocket) {
    return { type: "rejected", code: "not_running", message: "The agent does not run at the moment" };
  }
  webSocket.binaryType = "arraybuffer";
  webSocket.accept();
  return {
    type: "ok",
    value: {
      send: (message) => webSocket.send(message),
      close: () => webSocket.close(1000),
      onMessage: (take) =>
        webSocket.addEventListener("message", ({ data }) =>
          take(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer)),
        ),
      onClose: (take) => webSocket.addEventListener("close", ({ reason }) => take(reason)),
    },
  };
}

const retry = (error: unknown): Outcome<never> => ({
  type: "retry",
  afterMs: 1_000,
  cause: describeError(error),
});
