import { AppError } from "../../errors.ts";
import type { Ctx } from "../../services/context.ts";
import { readTraffic, type Traffic } from "../../services/traffic/read.ts";

/** The last day's traffic, or why it cannot be shown: that is said on the page, which stays one. */
export type ShownTraffic =
  | { type: "read"; traffic: Traffic }
  | { type: "unread"; message: string; hint: string | undefined };

export async function loadTraffic(ctx: Ctx, id: string): Promise<ShownTraffic> {
  try {
    return { type: "read", traffic: await readTraffic(ctx, id, {}) };
  } catch (error) {
    if (error instanceof AppError && error.code !== "not_found") {
      return { type: "unread", message: error.message, hint: error.hint };
    }
    throw error;
  }
}
