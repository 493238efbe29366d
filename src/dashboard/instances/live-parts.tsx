import type { Child } from "hono/jsx";
import type { InstanceNow, InstanceRow } from "../../instance/projection.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Actions as OwnActions } from "../instance/actions.tsx";
import { Status } from "../instance/header.tsx";
import { StateBadge } from "../layout/parts.tsx";
import { AwakeNote } from "./awake-note.tsx";
import { ProgressSteps } from "./progress-steps.tsx";
import { Actions, Uptime } from "./row-parts.tsx";

export type Shown = InstanceRow & Partial<InstanceNow>;
type Viewer = Pick<Session, "formToken">;
type Parts = Readonly<Record<string, (row: Shown, session: Viewer) => Child>>;

/**
 * What of an instance changes while somebody looks on, by where it is shown: rendered into the page, and rendered again into what
 * follows it. An element of `data-instance` holds those of one kind, each in an element of `data-part`.
 */
export const LIVE_PARTS = {
  row: {
    state: (row) => <StateBadge state={row.state} />,
    awake: (row) => <AwakeNote instance={row} />,
    uptime: (row) => <Uptime row={row} />,
    actions: (row, session) => <Actions row={row} session={session} />,
  },
  page: {
    status: (row) => <Status now={row} />,
    actions: (row, session) => <OwnActions now={row} session={session} />,
  },
  progress: { steps: (row) => <ProgressSteps instance={row} /> },
} as const satisfies Record<string, Parts>;

export type LiveKind = keyof typeof LIVE_PARTS;

/** Of these a second more is no news. */
const TICKING = "uptime";

export interface Rendered {
  parts: Record<string, string>;
  /** Differs where any part that does not tick does. */
  mark: string;
}

export function renderParts(kind: LiveKind, row: Shown, session: Viewer): Rendered {
  const parts = Object.entries(LIVE_PARTS[kind] as Parts).map(
    ([name, render]) => [name, String(render(row, session))] as const,
  );
  const lasting = parts.filter(([name]) => name !== TICKING).map(([, html]) => html);
  return { parts: Object.fromEntries(parts), mark: hash(lasting.join("\n")) };
}

/** FNV-1a: tells one rendering from the next, and is nobody's secret. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return value.toString(36);
}
