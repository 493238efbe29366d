import { isSecret } from "../../auth/operator.ts";
import { type Env, readConfig } from "../../env.ts";
import { deriveEnrolmentSecret } from "../../providers/hetzner/derive.ts";

/** Whether this is what the server made for the instance was given to prove itself with. */
export async function isEnrolmentSecret(env: Env, instanceId: string, secret: string): Promise<boolean> {
  const { hetzner } = readConfig(env);
  return (
    hetzner !== undefined &&
    (await isSecret(secret, await deriveEnrolmentSecret(hetzner.hostSecret, instanceId)))
  );
}
