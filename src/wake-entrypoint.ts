import { WorkerEntrypoint } from "cloudflare:workers";
import type { WakeAnswer, WakeCall, Waker } from "./edge/wake.ts";
import type { Env } from "./env.ts";
import { AppError } from "./errors.ts";
import { newRequestId } from "./ids.ts";
import { instanceStub } from "./instance/stub.ts";
import { logEvent } from "./log.ts";
import { newContext } from "./services/context.ts";
import { requireWakeable } from "./services/instances/permit.ts";
import { wakeInstance } from "./services/instances/wake.ts";

/** How the edge has an instance woken without the control plane's code on its path: an entrypoint of the same Worker. */
export class WakeEntrypoint extends WorkerEntrypoint<Env> implements Waker {
  /** Wakes for a visitor, at the owner's expense and within the owner's limits. Any number at once wake it once. */
  async wake({ instanceId, subdomain, withinMs }: WakeCall): Promise<WakeAnswer> {
    const now = await instanceStub(this.env, instanceId).get();
    if (now?.subdomain !== subdomain || now.exposure !== "public") {
      return { type: "gone" };
    }
    const requestId = newRequestId();
    const ctx = newContext(
      this.env,
      { accountId: now.accountId, actor: { type: "edge", id: "request" } },
      { requestId, now: Date.now(), background: (work) => this.ctx.waitUntil(work) },
    );
    try {
      const row = await wakeInstance(ctx, now, { require: requireWakeable, withinMs });
      const isGone = row.subdomain !== subdomain || row.state === "deleted";
      return isGone ? { type: "gone" } : { type: "settled", row };
    } catch (error) {
      if (error instanceof AppError) {
        logEvent("wake.refused", { instanceId, requestId, code: error.code });
        return { type: "refused" };
      }
      throw error;
    }
  }
}
