import type { InstanceRow } from "../../instance/projection.ts";
import { canBeSuspended } from "../../services/instances/sleep.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Form } from "../layout/form.tsx";
import { formatDuration } from "../layout/parts.tsx";
import { capitalized } from "./words.ts";

/** What the list offers in each state; everything else is on the instance's own page. */
const ACTIONS: Readonly<Record<string, readonly QuickAction[]>> = {
  running: ["stop", "suspend"],
  stopped: ["start"],
  suspended: ["resume", "stop"],
  error: ["start"],
};

export const QUICK_ACTIONS = ["start", "stop", "suspend", "resume"] as const;
export type QuickAction = (typeof QUICK_ACTIONS)[number];

/** How long it has run without a break; nothing while it does not run. With JavaScript it counts on. */
export function Uptime({ row: { state, stateSince } }: { row: InstanceRow }) {
  return state === "running" ? <Counting since={stateSince} /> : <span class="quiet">—</span>;
}

export function Actions({ row, session }: { row: InstanceRow; session: Pick<Session, "formToken"> }) {
  const actions = (ACTIONS[row.state] ?? []).filter((action) => isOffered(action, row));
  // Its address opens it, so the page does not hold it: the link asks for it when it is followed.
  const canBeOpened = row.state === "running" && row.exposure === "public" && row.access !== "token";
  return (
    <>
      {canBeOpened ? (
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
              aria-label={`${capitalized(action)} ${row.name}`}
            >
              {capitalized(action)}
            </button>
          ))}
        </Form>
      )}
    </>
  );
}

/** What failed before it had a machine cannot be started. */
function isOffered(action: QuickAction, row: InstanceRow): boolean {
  if (action === "suspend") {
    return canBeSuspended(row);
  }
  return !(action === "start" && row.state === "error" && row.machine === null);
}

function Counting({ since }: { since: number }) {
  const seconds = Math.max(0, Math.floor((Date.now() - since) / 1000));
  return <span data-seconds={String(seconds)}>{formatDuration(seconds)}</span>;
}
