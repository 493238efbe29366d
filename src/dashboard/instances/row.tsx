import type { ListedInstance } from "../../services/instances/overview.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Form } from "../layout/form.tsx";
import { EstimatedCost, formatDuration, StateBadge } from "../layout/parts.tsx";
import { AwakeNote } from "./awake-note.tsx";

export { AwakeNote };

type Row = ListedInstance["row"];
type Actor = Pick<Session, "formToken">;

/** What is offered at once in each state; everything else is on the instance's own page. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  running: ["stop", "suspend"],
  stopped: ["start"],
  suspended: ["resume", "stop"],
  error: ["start"],
};

/** The cells of a row that change while somebody looks: the same on the page and in what follows it live. */
export const LIVE_CELLS = {
  state: ({ row }: { row: Row; session: Actor }) => <StateBadge state={row.state} />,
  awake: ({ row }: { row: Row; session: Actor }) => <AwakeNote instance={row} />,
  uptime: ({ row }: { row: Row; session: Actor }) => <Uptime row={row} />,
  actions: ({ row, session }: { row: Row; session: Actor }) => <Actions row={row} session={session} />,
} as const;

/** How long it has run without a break; nothing while it does not run. With JavaScript it counts on. */
function Uptime({ row }: { row: Row }) {
  if (row.state !== "running") {
    return <span class="quiet">—</span>;
  }
  const seconds = (Date.now() - row.stateSince) / 1000;
  return <span data-since={String(row.stateSince)}>{formatDuration(seconds)}</span>;
}

function Actions({ row, session }: { row: Row; session: Actor }) {
  const actions = (ACTIONS[row.state] ?? []).filter((action) => isOffered(action, row));
  return (
    <>
      {row.state === "running" && row.exposure === "public" && row.access !== "token" ? (
        <a
          class="button small"
          href={`/dashboard/instances/${row.id}/open`}
          target="_blank"
          rel="noreferrer"
          aria-label={`Open ${row.name} in a new tab`}
        >
          Open
        </a>
      ) : null}
      {actions.length === 0 ? null : (
        <Form session={session} action="/dashboard/act">
          <input type="hidden" name="id" value={row.id} />
          {actions.map((action) => (
            <button
              class="small"
              type="submit"
              name="action"
              value={action}
              aria-label={`${action} ${row.name}`}
            >
              {action.charAt(0).toUpperCase() + action.slice(1)}
            </button>
          ))}
        </Form>
      )}
    </>
  );
}

/** Where the vendor cannot freeze machines there is nothing to suspend; what failed without a machine cannot start. */
function isOffered(action: string, { provider, state, machine, exposure }: Row): boolean {
  if (action === "suspend") {
    return provider === "fly" || exposure === "private";
  }
  return !(action === "start" && state === "error" && machine === null);
}

/** One instance in the list. */
export function InstanceRow({
  listed: { row, today },
  agentName,
  session,
}: {
  listed: ListedInstance;
  agentName: string;
  session: Actor;
}) {
  const props = { row, session };
  const labels = Object.entries(row.labels);
  return (
    <tr>
      <th scope="row">
        <a href={`/dashboard/instances/${row.id}`}>{row.name}</a>
        {row.exposure === "private" ? <span class="tag">body of {row.workspaceId}</span> : null}
        {labels.map(([key, value]) => (
          <span class="tag">{value === "" ? key : `${key}=${value}`}</span>
        ))}
      </th>
      <td>{LIVE_CELLS.state(props)}</td>
      <td>{LIVE_CELLS.awake(props)}</td>
      <td>
        {agentName}
        <br />
        <span class="quiet">{row.modelName}</span>
      </td>
      <td>
        {row.region}
        <br />
        <span class="quiet">{row.provider}</span>
      </td>
      <td class="number">{LIVE_CELLS.uptime(props)}</td>
      <td class="number">
        <EstimatedCost micros={Math.round(today.costMicros)} />
      </td>
      <td class="actions">{LIVE_CELLS.actions(props)}</td>
    </tr>
  );
}
