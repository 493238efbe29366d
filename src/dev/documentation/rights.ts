import { RIGHTS } from "../../auth/roles.ts";
import { table } from "../../docs/api-reference.ts";

/** What not everybody may who belongs to an account. */
export function writeRights(): string {
  return table(
    ["only", "may"],
    Object.values(RIGHTS).map(({ roles, text }) => [roles.map((role) => `${role}s`).join(", "), text]),
  );
}
