import { Tabs } from "../layout/head.tsx";

/** The places below `/dashboard/settings`, in their order. */
export const SETTINGS = [
  {
    name: "Tokens",
    path: "/dashboard/settings/tokens",
    about: "What programs and the command line sign in with.",
  },
  {
    name: "Sessions",
    path: "/dashboard/settings/sessions",
    about: "Where you are signed in, and how to end it.",
  },
  {
    name: "Members",
    path: "/dashboard/settings/members",
    about: "Who belongs to this account, and invitations.",
  },
  { name: "Providers", path: "/dashboard/settings/providers", about: "What this deployment has configured." },
] as const;

export type Setting = (typeof SETTINGS)[number]["name"];

/** The way between the settings; below the heading of each of them. */
export function SettingsNav({ current }: { current?: Setting }) {
  const tabs = SETTINGS.map(({ name, path }) => ({ name, path, isCurrent: name === current }));
  return <Tabs label="Settings" tabs={tabs} />;
}
