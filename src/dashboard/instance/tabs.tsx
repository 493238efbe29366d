import { Tabs } from "../layout/head.tsx";
import { instancePath } from "./paths.ts";

/** The pages of one instance, in their order. */
const PLACES = [
  { place: "overview", name: "Overview", under: "" },
  { place: "terminal", name: "Terminal", under: "terminal" },
  { place: "logs", name: "Logs", under: "logs" },
  { place: "exec", name: "Exec", under: "exec" },
] as const;

export type InstancePlace = (typeof PLACES)[number]["place"];

/** The way between the pages of one instance. */
export function InstanceTabs({ id, place }: { id: string; place: InstancePlace }) {
  const tabs = PLACES.map((each) => ({
    name: each.name,
    path: instancePath(id, each.under),
    isCurrent: each.place === place,
  }));
  return <Tabs label="Pages of this instance" tabs={tabs} />;
}
