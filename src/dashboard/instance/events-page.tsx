import type { Session } from "../../services/sessions/authenticate.ts";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Pagination } from "../layout/lists.tsx";
import { type Events, EventTable } from "./events.tsx";
import { instancePath } from "./paths.ts";
import type { InstanceView } from "./view.ts";

/** All events of an instance, page by page. */
export function EventsPage({
  session,
  view,
  events,
  isFirst,
}: {
  session: Session;
  view: InstanceView;
  events: Events;
  isFirst: boolean;
}) {
  const { id, name } = view.now;
  return (
    <Frame session={session} title={`Events of ${name}`} place="Instances" styles={["instance.css"]}>
      <PageHead title="Events" up={{ name, path: instancePath(id) }} />
      {events.items.length === 0 ? <p>There are no more.</p> : <EventTable events={events} view={view} />}
      <Pagination
        shown={`${events.items.length} events, newest first`}
        first={isFirst ? undefined : instancePath(id, "events")}
        next={
          events.nextCursor === null ? undefined : `${instancePath(id, "events")}?cursor=${events.nextCursor}`
        }
      />
    </Frame>
  );
}
