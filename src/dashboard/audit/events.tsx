import type { AuditEventRow } from "../../services/audit/list.ts";
import type { FoundEvents } from "../../services/audit/search.ts";
import { ActorLabel } from "../layout/actor.tsx";
import { Scroll } from "../layout/lists.tsx";
import { Moment } from "../layout/parts.tsx";
import { Detail } from "./detail.tsx";
import { auditAddress } from "./filter.tsx";

/** One event a row; each name leads to all that it did or that was done to it. */
export function Events({ found }: { found: FoundEvents }) {
  return (
    <Scroll label="Audit events">
      <table class="events cards">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">To what</th>
            <th scope="col">How it was and is</th>
          </tr>
        </thead>
        <tbody>
          {found.events.map((event) => (
            <tr id={event.id}>
              <td data-label="When">
                <Moment at={event.at} />
              </td>
              <td data-label="Who">
                <a href={auditAddress({ actor: event.actor })}>
                  <ActorLabel actor={event.actor} names={found.actors} />
                </a>
              </td>
              <td data-label="What">
                <a class="action" href={auditAddress({ action: event.action })}>
                  <code>{event.action}</code>
                </a>
              </td>
              <td data-label="To what">
                <Target event={event} names={found.instances} />
              </td>
              <td>
                <Detail detail={event.detail} />
                <Proof event={event} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Target({ event, names }: { event: AuditEventRow; names: ReadonlyMap<string, string> }) {
  const { instanceId, target } = event;
  if (instanceId === null) {
    return <code>{target}</code>;
  }
  return (
    <>
      <a href={auditAddress({ instance: instanceId })}>
        {names.get(instanceId) ?? <code>{instanceId}</code>}
      </a>
      {target === instanceId ? null : (
        <span class="under">
          <code>{target}</code>
        </span>
      )}
    </>
  );
}

/** What holds it in its place. */
function Proof({ event: { id, chain, seq, prevHash, hash, requestId } }: { event: AuditEventRow }) {
  const facts = {
    event: id,
    chain: `${chain}, place ${seq}`,
    hash,
    after: prevHash,
    request: requestId ?? "none",
  };
  return (
    <details class="proof">
      <summary class="quiet">Its place in the chain</summary>
      <dl class="detail">
        {Object.entries(facts).map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
