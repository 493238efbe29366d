import { AppError } from "../../errors.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { LogLine } from "../../providers/provider.ts";
import { findProvider, targetOf } from "../../provisioning/wiring.ts";
import type { Ctx } from "../context.ts";
import { getInstance } from "./read.ts";
import { failureOf } from "./vendor-failure.ts";

export interface LogReader {
  /** What came since the last call; at first, what the vendor still has. */
  read: () => Promise<LogLine[]>;
  /** The instance is deleted, or somebody else's: nothing will come any more. */
  isOver: () => Promise<boolean>;
}

/** A reader over the vendor's log of one instance. @throws not_configured; reading @throws what the vendor answers. */
export async function openLogs(ctx: Ctx, name: string): Promise<LogReader> {
  const row = await getInstance(ctx, name);
  const provider = findProvider(ctx.env, row.provider);
  if (!provider) {
    throw new AppError("not_configured", `The provider "${row.provider}" is not configured.`);
  }
  const isOver = async () => {
    const current = await instanceStub(ctx.env, row.id).get();
    return current !== undefined && (current.state === "deleted" || current.accountId !== ctx.accountId);
  };
  // Before there is a place, there is nothing that could have logged.
  if (row.place === null) {
    return { read: async () => [], isOver };
  }
  const target = targetOf(row);
  let cursor: string | undefined;
  return {
    read: async () => {
      // A stream that is followed may outlive its reader's right to it.
      if (!(await instanceStub(ctx.env, row.id).isStillOf(ctx.accountId, 0))) {
        return [];
      }
      const outcome = await provider.logs(target, { cursor });
      if (outcome.type !== "ok") {
        throw failureOf(outcome);
      }
      cursor = outcome.value.cursor ?? cursor;
      return outcome.value.lines;
    },
    isOver,
  };
}
