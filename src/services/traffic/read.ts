import { AppError } from "../../errors.ts";
import { logEvent } from "../../log.ts";
import { askTraffic, type TrafficAnswer } from "../../traffic/client.ts";
import type { TrafficLine } from "../../traffic/query.ts";
import type { Ctx } from "../context.ts";
import { resolveForUsage } from "../usage/read.ts";
import { toHours } from "./hours.ts";
import { hoursBetween, type TrafficHour } from "./sum.ts";

export interface Traffic {
  /** Epoch milliseconds, whole hours; `to` is not included. */
  from: number;
  to: number;
  /** Every hour of it, newest first. */
  hours: TrafficHour[];
  /** Some rows stand for several requests: the numbers are estimates. */
  sampled: boolean;
}

/**
 * What went through an instance's address while it was this account's, by hour. Also of one that was deleted, or, by its whole
 * id, handed on.
 * @throws not_found, ambiguous; not_configured where nothing may read analytics; vendor_unavailable, vendor_failed.
 */
export async function readTraffic(
  ctx: Ctx,
  name: string,
  input: { from?: string; to?: string },
): Promise<Traffic> {
  const config = ctx.config.traffic;
  if (!config) {
    throw new AppError("not_configured", "This deployment cannot read its analytics.", {
      hint: "The operator sets CLOUDFLARE_ACCOUNT_ID and ANALYTICS_API_TOKEN, whose permission is Account Analytics: Read.",
    });
  }
  const window = toHours(input, ctx.now);
  const instanceId = await resolveForUsage(ctx, name);
  const lines = linesOf(await askTraffic(config, { instanceId, accountId: ctx.accountId, ...window }));
  return {
    ...window,
    hours: hoursBetween(window, lines),
    sampled: lines.some(({ widest }) => widest > 1),
  };
}

function linesOf(answer: TrafficAnswer): TrafficLine[] {
  if (answer.type !== "ok") {
    logEvent("traffic.unread", { level: "error", type: answer.type, reason: answer.reason });
  }
  switch (answer.type) {
    case "ok":
      return answer.lines;
    case "unavailable":
      throw new AppError("vendor_unavailable", "The analytics cannot be read at the moment.", {
        hint: "Try again in a little while.",
        retryAfterSeconds: Math.ceil((answer.retryAfterMs ?? 5_000) / 1000),
      });
    case "refused":
      throw new AppError("vendor_failed", "Cloudflare refused to read the analytics.", {
        hint: answer.isUnauthorized
          ? "The operator gives ANALYTICS_API_TOKEN the permission Account Analytics: Read."
          : "The operator finds the reason in the Worker's log.",
      });
    default:
      return answer satisfies never;
  }
}
