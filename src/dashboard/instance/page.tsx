import type { Session } from "../../services/sessions/authenticate.ts";
import { Frame } from "../layout/frame.tsx";
import { Facts } from "./facts.tsx";
import { Status } from "./header.tsx";
import { InstanceTabs } from "./tabs.tsx";
import type { InstanceView } from "./view.ts";

/** One instance at a glance, and everything that can be done with it. */
export function InstancePage({ session, view }: { session: Session; view: InstanceView }) {
  const { now } = view;
  return (
    <Frame session={session} title={now.name} place="Instances" styles={["instance.css"]}>
      <h1>{now.name}</h1>
      <Status view={view} />
      {now.state === "deleted" ? null : <InstanceTabs id={now.id} place="overview" />}
      <Facts view={view} />
    </Frame>
  );
}
