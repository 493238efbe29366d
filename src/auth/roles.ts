/** What somebody is in an account. */
export type Role = "owner" | "member";

export const ROLES = ["owner", "member"] as const satisfies readonly Role[];

/**
 * The one table of what not everybody may who belongs to an account; the API and the dashboard both go by it. All else
 * is open to all of them: to look, to make instances and use, change and delete them, and to make tokens. A token may do what
 * the person may who made it, so nobody gains by one.
 */
export const RIGHTS = {
  people: { roles: ["owner"], text: "invite people, remove them, and say what they may do" },
  transfers: { roles: ["owner"], text: "give instances away and take them in" },
  tokens_of_others: { roles: ["owner"], text: "revoke tokens that others have made" },
} as const satisfies Record<string, { roles: readonly Role[]; text: string }>;

export type Right = keyof typeof RIGHTS;

export function may(role: Role, right: Right): boolean {
  return (RIGHTS[right].roles as readonly Role[]).includes(role);
}
