import { accountStub } from "../../account/stub.ts";
import { AppError } from "../../errors.ts";
import type { Exec, ExecEvent } from "../../provisioning/exec/run.ts";
import type { Ctx } from "../context.ts";

const DEFAULT_SECONDS = 60;
/** A detached command without a limit of its own is counted this long, unless somebody sees it end before. */
const DETACHED_SECONDS = 3_600;
/** What a command's end may take to be noticed. */
const MARGIN_SECONDS = 60;

export interface CommandLimits {
  timeoutSeconds?: number;
  detach?: boolean;
}

/** One of the account's slots for commands. @throws too_many_execs */
export async function takeExecSlot(ctx: Ctx, execId: string, limits: CommandLimits): Promise<void> {
  const seconds = limits.timeoutSeconds ?? (limits.detach ? DETACHED_SECONDS : DEFAULT_SECONDS);
  const leaseMs = (seconds + MARGIN_SECONDS) * 1_000;
  const slot = await accountStub(ctx.env, ctx.accountId).takeExec(execId, leaseMs);
  if (slot.type === "full") {
    throw new AppError("too_many_execs", `The account runs ${slot.running} of ${slot.limit} commands.`, {
      hint: "Wait until one has ended, or ask the operator for more.",
      details: [{ resource: "execConcurrency", used: slot.running, limit: slot.limit }],
      retryAfterSeconds: 2,
    });
  }
}

/** Nobody waits for it; a slot that is not given back ends with its lease. */
export function freeExecSlot(ctx: Ctx, execId: string): void {
  ctx.background(accountStub(ctx.env, ctx.accountId).endExec(execId));
}

/** A detached command was seen to have ended; `first` runs for the first who sees it, while its slot is remembered. */
export async function endSeenExec(ctx: Ctx, execId: string, first: () => void): Promise<void> {
  if (await accountStub(ctx.env, ctx.accountId).endExec(execId)) {
    first();
  }
}

/** Lets go of what the command holds when it has ended, or failed to start. */
export function freeWhenOver(exec: Exec, free: () => void): Exec {
  return {
    ...exec,
    async runToEnd(command) {
      try {
        return await exec.runToEnd(command);
      } finally {
        free();
      }
    },
    stream(command) {
      const { events, ...rest } = exec.stream(command);
      return { ...rest, events: freeAfter(events, free) };
    },
    async startDetached(command) {
      const started = await exec.startDetached(command);
      if (started.type !== "ok") {
        free();
      }
      return started;
    },
  };
}

async function* freeAfter(events: AsyncIterable<ExecEvent>, free: () => void): AsyncGenerator<ExecEvent> {
  try {
    yield* events;
  } finally {
    free();
  }
}
