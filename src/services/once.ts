import { hashToken } from "../auth/tokens.ts";
import { newInstanceId } from "../ids.ts";
import type { Ctx } from "./context.ts";
import { freeKey, keepAnswer, reserveKey } from "./idempotency.ts";

/**
 * A form that makes an instance makes one, however often it is sent: pressed twice, or again after its answer was lost.
 * `form` names the form as it was shown. Where it is sent with other values it is refused.
 * @returns what `make` returned, now or the first time.
 */
export async function makeOnce(
  ctx: Ctx,
  { form, values }: { form: string; values: unknown },
  make: (id: string) => Promise<string>,
): Promise<string> {
  // With a space, which no key of the API has.
  const key = `form ${form.slice(0, 100)}`;
  const requestHash = await hashToken(JSON.stringify(values));
  const reservation = await reserveKey(ctx, { key, requestHash, resourceId: newInstanceId() });
  if (reservation.type === "replay") {
    return reservation.answer.body;
  }
  let made: string | undefined;
  try {
    made = await make(reservation.resourceId);
    await keepAnswer(ctx, key, { status: 303, body: made });
    return made;
  } finally {
    if (made === undefined) {
      await freeKey(ctx, key);
    }
  }
}
