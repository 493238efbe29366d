/** Where one can go. */
export const OPEN = ["/", "/sign-in", "/docs"];

export const OWN = [
  "/dashboard",
  "/dashboard/instances/new",
  "/dashboard/history",
  "/dashboard/usage",
  "/dashboard/audit",
  "/dashboard/transfers",
  "/dashboard/settings",
  "/dashboard/settings/tokens",
  "/dashboard/settings/sessions",
  "/dashboard/settings/members",
  "/dashboard/settings/providers",
];

/** Below `/dashboard/instances/:id`. */
export const OF_AN_INSTANCE = ["", "/terminal", "/logs", "/exec"];
