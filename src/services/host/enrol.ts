import type { Env } from "../../env.ts";
import { AppError } from "../../errors.ts";
import { hostStub } from "../../host-object/stub.ts";
import { instanceStub } from "../../instance/stub.ts";
import { isEnrolmentSecret } from "../../provisioning/host/enrolment.ts";

export interface Enrolment {
  instanceId: string;
  secret: string;
  publicKey: string;
  requestId: string;
}

/**
 * A new server makes itself known, once: from then on its key alone opens anything. The same key again is a lost answer; another
 * one is somebody who found the secret, and is written down.
 */
export async function enrolHost(
  env: Env,
  { instanceId, secret, publicKey, requestId }: Enrolment,
): Promise<void> {
  const isTheirs = await isEnrolmentSecret(env, instanceId, secret);
  const stub = instanceStub(env, instanceId);
  // One answer for all three: whoever guesses learns nothing of which instances there are.
  if (!isTheirs || !(await stub.hostBrief())) {
    throw new AppError("unauthorized", "The enrolment secret is not this instance's.");
  }
  const cause = { actor: { type: "host" as const, id: instanceId }, requestId };
  const outcome = await hostStub(env, instanceId).enrol(publicKey);
  if (outcome.type === "enrolled") {
    await stub.recordUse({ action: "host.enrol", cause, detail: { publicKey } });
  }
  if (outcome.type === "refused") {
    if (outcome.isNews) {
      await stub.recordUse({ action: "host.enrol_refused", cause, detail: { publicKey } });
    }
    throw new AppError("already_enrolled", "Another key has enrolled for this instance already.", {
      hint: "The secret works once. If this is not a mistake of yours, delete the instance: somebody else has its secret.",
    });
  }
}
