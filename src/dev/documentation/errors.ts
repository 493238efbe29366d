import { table } from "../../docs/api-reference.ts";
import { ERRORS } from "../../errors.ts";

export function writeErrors(): string {
  return table(
    ["code", "status", "means"],
    Object.entries(ERRORS).map(([code, { status, description }]) => [
      `\`${code}\``,
      String(status),
      description,
    ]),
  );
}
