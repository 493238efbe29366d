import type { Session } from "../../services/sessions/authenticate.ts";
import { Frame } from "../layout/frame.tsx";
import { type Events, EventTable } from "./events.tsx";
import { instancePath } from "./paths.ts";
import type { InstanceView } from "./view.ts";

/** All events of an instance, page by page. */
export function EventsPage({
  session,
  view,
  events,
}: {
  session: Session;
  view: InstanceView;
  events: Events;
}) {
  const { id, name } = view.now;
  return (
    <Frame session={session} title={`Events of ${name}`} place="Instances" styles={["instance.css"]}>
      <p>
        <a href={instancePath(id)}>{name}</a>
      </p>
      <h1>Events</h1>
      {events.items.length === 0 ? <p>There are no more.</p> : <EventTable events={events} view={view} />}
      {events.nextCursor === null ? null : (
        <p>
          <a class="button" href={`${instancePath(id, "events")}?cursor=${events.nextCursor}`}>
            Earlier ones
          </a>
        </p>
      )}
    </Frame>
  );
}
