import { instancePath } from "./paths.ts";

/** The pages of one instance, in their order. */
const TABS = [
  { place: "overview", name: "Overview", under: "" },
  { place: "terminal", name: "Terminal", under: "terminal" },
  { place: "logs", name: "Logs", under: "logs" },
  { place: "exec", name: "Exec", under: "exec" },
] as const;

export type InstancePlace = (typeof TABS)[number]["place"];

/** The way between the pages of one instance. */
export function InstanceTabs({ id, place }: { id: string; place: InstancePlace }) {
  return (
    <nav class="tabs" aria-label="Pages of this instance">
      {TABS.map((tab) => (
        <a href={instancePath(id, tab.under)} aria-current={tab.place === place ? "page" : undefined}>
          {tab.name}
        </a>
      ))}
    </nav>
  );
}
