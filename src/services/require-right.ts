import { may, RIGHTS, type Right } from "../auth/roles.ts";
import { AppError } from "../errors.ts";
import type { Ctx } from "./context.ts";

/** @throws forbidden when the role of whoever asks does not allow it. */
export function requireRight({ role }: Pick<Ctx, "role">, right: Right): void {
  if (!may(role, right)) {
    throw new AppError("forbidden", `Only owners of the account may ${RIGHTS[right].text}.`, {
      hint: "Ask an owner of the account to do it, or to make you one.",
    });
  }
}
