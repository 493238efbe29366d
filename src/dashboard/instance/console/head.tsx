import type { Child } from "hono/jsx";
import type { InstanceRow } from "../../../instance/projection.ts";
import { Frame } from "../../layout/frame.tsx";
import { StateBadge } from "../../layout/parts.tsx";
import type { DashboardContext } from "../../route.ts";
import { InstanceTabs } from "../tabs.tsx";

export type ConsolePlace = "terminal" | "logs" | "exec";

interface ConsoleFrameProps {
  c: DashboardContext;
  instance: InstanceRow;
  place: ConsolePlace;
  scripts?: readonly string[];
  children?: Child;
}

/** What the three pages of an instance's console have in common: whose they are, and the way to the others. */
export function ConsoleFrame({ c, instance, place, scripts, children }: ConsoleFrameProps) {
  const { id, name, state } = instance;
  return (
    <Frame
      session={c.var.session}
      title={`${place[0]?.toUpperCase()}${place.slice(1)} · ${name}`}
      place="Instances"
      scripts={scripts}
      styles={["console.css"]}
    >
      <h1>
        {name} <StateBadge state={state} />
      </h1>
      <InstanceTabs id={id} place={place} />
      {children}
    </Frame>
  );
}
