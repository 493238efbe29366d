import type { Ctx } from "../context.ts";
import { type OpenCommand, openCommand } from "../instances/exec.ts";
import type { CommandLimits } from "../instances/exec-slots.ts";
import { type EnsureInput, ensureBody } from "./ensure.ts";

/** A command on the workspace's body, which is made or woken first. Throws as `ensureBody` and `openCommand` do. */
export async function openBodyCommand(
  ctx: Ctx,
  body: EnsureInput,
  limits: CommandLimits & { execId?: string },
): Promise<OpenCommand> {
  const { row } = await ensureBody(ctx, body);
  return openCommand(ctx, row.id, limits);
}
