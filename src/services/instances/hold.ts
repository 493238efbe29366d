import { AppError } from "../../errors.ts";
import type { InstanceNow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import { type Ctx, causeOf } from "../context.ts";
import { notFound, resolveInstance } from "./resolve.ts";

/** Keeps an instance awake for so long, whatever it does; 0 lets it go. @throws invalid_state where it sleeps. */
export async function holdInstance(
  ctx: Ctx,
  name: string,
  { seconds, reason }: { seconds: number; reason: string },
): Promise<InstanceNow> {
  const row = await resolveInstance(ctx, name);
  const verdict = await instanceStub(ctx.env, row.id).hold(seconds, reason, causeOf(ctx));
  if (!verdict) {
    throw notFound(name);
  }
  if (verdict.type === "conflict") {
    const { message, hint, state } = verdict;
    throw new AppError("invalid_state", message, { hint, details: [{ status: state }] });
  }
  return verdict.now;
}
