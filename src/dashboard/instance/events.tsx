import type { ActorName } from "../../services/account/actors.ts";
import type { AuditEventRow } from "../../services/audit/list.ts";
import { withoutAddress } from "../instances/words.ts";
import { ActorLabel } from "../layout/actor.tsx";
import { Moment } from "../layout/parts.tsx";
import { eventWords } from "./event-words.ts";
import type { InstanceView } from "./view.ts";

export interface Events {
  items: AuditEventRow[];
  nextCursor: string | null;
  names: ReadonlyMap<string, ActorName>;
}

/** What happened to it, and who did it, newest first. */
export function EventTable({ events, view }: { events: Events; view: Pick<InstanceView, "now"> }) {
  return (
    <table class="events cards">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">Who</th>
        </tr>
      </thead>
      <tbody>
        {events.items.map((event) => (
          <tr>
            <td data-label="When">
              <Moment at={event.at} />
            </td>
            <th scope="row">{withoutAddress(eventWords(event), view.now)}</th>
            <td data-label="Who">
              <ActorLabel actor={event.actor} names={events.names} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
