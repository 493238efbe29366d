import { AppError } from "../../errors.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { LogLine } from "../../providers/provider.ts";
import { HOW_TO_CONFIGURE } from "../../provisioning/how-to-configure.ts";
import { findProvider, targetOf } from "../../provisioning/wiring.ts";
import type { Ctx } from "../context.ts";
import { isStillIn } from "../sessions/still-in.ts";
import { getInstance } from "./read.ts";
import { failureOf } from "./vendor-failure.ts";

export type { LogLine } from "../../providers/provider.ts";

export interface LogReader {
  /** What came since the last call; at first, what the vendor still has. */
  read: () => Promise<LogLine[]>;
  /** The instance is deleted, or somebody else's: nothing will come any more. */
  isOver: () => Promise<boolean>;
  /** It is on its way there: the vendor may have taken the log away already. */
  isEnding: () => Promise<boolean>;
}

/** A reader over the vendor's log of one instance. @throws not_configured; reading @throws what the vendor answers. */
export async function openLogs(ctx: Ctx, name: string): Promise<LogReader> {
  const row = await getInstance(ctx, name);
  const provider = findProvider(ctx.env, row.provider);
  if (!provider) {
    throw new AppError("not_configured", `The provider "${row.provider}" is not configured.`, {
      hint: HOW_TO_CONFIGURE[row.provider],
    });
  }
  const stub = instanceStub(ctx.env, row.id);
  const stateNow = async () => (await stub.get())?.state;
  let current: InstanceRow | undefined = row;
  let cursor: string | undefined;
  return {
    read: async () => {
      // Before there is anything, there is nothing that could have logged; it may come while somebody follows. Some vendors
      // have no place to make, only a machine.
      current = (current?.place ?? current?.machine) ? current : await stub.get();
      if (!(current?.place ?? current?.machine)) {
        return [];
      }
      // A stream that is followed may outlive its reader's right to it.
      if (!(await stub.isStillOf(ctx.accountId, 0))) {
        return [];
      }
      const outcome = await provider.logs(targetOf(current), { cursor });
      if (outcome.type !== "ok") {
        throw failureOf(outcome);
      }
      cursor = outcome.value.cursor ?? cursor;
      return outcome.value.lines;
    },
    isOver: async () => {
      const now = await stub.get();
      const isTheirs = now === undefined || (now.state !== "deleted" && now.accountId === ctx.accountId);
      return !isTheirs || !(await isStillIn(ctx).catch(() => true));
    },
    isEnding: async () => ["deleting", "deleted"].includes((await stateNow()) ?? ""),
  };
}
