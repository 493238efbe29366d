import { hashToken } from "../auth/tokens.ts";
import { AppError } from "../errors.ts";
import { newInstanceId } from "../ids.ts";
import type { Ctx } from "./context.ts";
import { freeKey, keepAnswer, type Reservation, reserveKey } from "./idempotency.ts";

/** Whoever sends a form twice waits for what the first has made, so often and so long, in milliseconds. */
const TRIES = 30;
const PAUSE_MS = 500;

/**
 * A form that makes an instance makes one, however often it is sent: pressed twice, or again after its answer was lost.
 * Whoever sends it again is told the id of the first. What failed may be tried again, on the id that was reserved.
 * @param form names the form as it was shown.
 * @param values everything that was filled in; only their hash is kept.
 * @throws idempotency_conflict when it is sent with other values, and whatever `make` throws.
 */
export async function makeOnce(
  ctx: Ctx,
  { form, values }: { form: string; values: unknown },
  make: (id: string) => Promise<unknown>,
): Promise<string> {
  // With a space, which no key of the API has.
  const key = `form ${form.slice(0, 100)}`;
  const requestHash = await hashToken(JSON.stringify(values));
  const reservation = await reserve(ctx, { key, requestHash });
  if (reservation.type === "replay") {
    return reservation.answer.body;
  }
  const { resourceId } = reservation;
  try {
    await make(resourceId);
  } catch (error) {
    await freeKey(ctx, key);
    throw error;
  }
  await keepAnswer(ctx, key, { status: 303, body: resourceId });
  return resourceId;
}

async function reserve(ctx: Ctx, wish: { key: string; requestHash: string }): Promise<Reservation> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await reserveKey(ctx, { ...wish, resourceId: newInstanceId() });
    } catch (error) {
      const isRunning = error instanceof AppError && error.code === "idempotency_in_progress";
      if (!isRunning || attempt === TRIES) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
