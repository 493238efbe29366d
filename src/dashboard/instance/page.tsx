import type { History } from "../../services/instances/history.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Live, liveData } from "../instances/live-element.tsx";
import { renderParts } from "../instances/live-parts.tsx";
import { CreateProgress, isBeingMade } from "../instances/progress.tsx";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Note } from "../layout/parts.tsx";
import { Address } from "./address.tsx";
import { type Events, EventTable } from "./events.tsx";
import { InstanceFacts, isBehind } from "./facts.tsx";
import { AccessForm, HoldForm, NameForm, SleepForm } from "./forms-settings.tsx";
import { CloneForm, DeleteForm, TransferForm, UpgradeNote } from "./forms-whole.tsx";
import { Status } from "./header.tsx";
import { type Days, States, Usage } from "./history.tsx";
import { isGone } from "./lifecycle.ts";
import { type FormProps, Panel } from "./panel.tsx";
import { instancePath } from "./paths.ts";
import { InstanceTabs } from "./tabs.tsx";
import type { InstanceView } from "./view.ts";

export interface Overview {
  history: History;
  days: Days;
  events: Events;
}

interface PageProps extends FormProps {
  session: Session;
  overview: Overview;
  /** What an action has led to. */
  done: string | undefined;
  /** What tells this rendering from every other. */
  form: string;
}

/** One instance at a glance, and everything that can be done with it. */
export function InstancePage(props: PageProps) {
  const { session, view, overview, refusal, done } = props;
  const { now } = view;
  const gone = isGone(now);
  return (
    <Frame
      session={session}
      title={now.name}
      place="Instances"
      styles={["charts.css", "instances.css", "instance.css"]}
      scripts={["instance.js"]}
    >
      <PageHead title={now.name} up={{ name: "Instances", path: "/dashboard" }} />
      <Said done={done} refusal={refusal} />
      <Now session={session} now={now} />
      {now.state === "deleted" ? null : <InstanceTabs id={now.id} place="overview" />}
      <div class="halves">
        <div>
          <div data-fresh="history">
            <States view={view} history={overview.history} days={overview.days} />
            <Usage view={view} history={overview.history} />
            <RecentEvents view={view} events={overview.events} />
          </div>
        </div>
        <div>
          <div data-fresh="address">{gone || now.exposure === "private" ? null : <Address {...props} />}</div>
          <InstanceFacts view={view} />
          <div data-fresh="change">{gone ? null : <Change {...props} />}</div>
        </div>
      </div>
    </Frame>
  );
}

/** What is followed: how a create goes on, or how it is and what can be done with it. */
function Now({ session, now }: { session: Session; now: InstanceView["now"] }) {
  if (isBeingMade(now)) {
    return (
      <>
        <Status now={now} />
        <CreateProgress instance={now} session={session} />
      </>
    );
  }
  const { parts, mark } = renderParts("page", now, session);
  return (
    <div class="now" {...(now.state === "deleted" ? {} : liveData("page", now, mark))}>
      <Live name="status" html={parts.status ?? ""} />
      <Live name="actions" html={parts.actions ?? ""} />
    </div>
  );
}

function Said({ done, refusal }: Pick<PageProps, "done" | "refusal">) {
  if (refusal !== undefined) {
    return (
      <Note kind="bad">
        <strong>{refusal.message}</strong>
        {refusal.hint === undefined ? null : ` ${refusal.hint}`}
        {refusal.form === "act" ? null : (
          <>
            {" "}
            <a href={`#${refusal.form}`}>To the form</a>
          </>
        )}
      </Note>
    );
  }
  return done === undefined ? null : <Note kind="good">{done}</Note>;
}

function RecentEvents({ view, events }: { view: InstanceView; events: Events }) {
  const { id } = view.now;
  return (
    <section aria-labelledby="events-title" id="events">
      <h2 id="events-title">Events</h2>
      <EventTable events={events} view={view} />
      <p>
        <a href={instancePath(id, "events")}>All events</a>
        {view.now.exposure === "public" ? (
          <>
            {" · "}
            <a href={instancePath(id, "traffic")}>Traffic through its address</a>
          </>
        ) : null}
      </p>
    </section>
  );
}

function Change(props: PageProps) {
  const { view, refusal } = props;
  const isPublic = view.now.exposure === "public";
  return (
    <section aria-labelledby="change-title" id="change">
      <h2 id="change-title">Change it</h2>
      {isPublic ? <UpgradeNote view={view} /> : null}
      {isPublic ? (
        <Panel form="clone" title="Clone" refusal={refusal} isOpen={isBehind(view)}>
          <CloneForm {...props} />
        </Panel>
      ) : null}
      <NameForm {...props} />
      {isPublic ? <AccessForm {...props} /> : null}
      <SleepForm {...props} />
      <HoldForm {...props} />
      {isPublic ? <TransferForm {...props} /> : null}
      <DeleteForm {...props} />
    </section>
  );
}
