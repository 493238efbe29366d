import { type AuditEvent, collect } from "../../../sdk/index.ts";
import type { Context } from "../../context.ts";
import { EXIT } from "../../exit-codes.ts";
import { type Column, renderTable } from "../../table.ts";
import { plain } from "../../text.ts";

const DEFAULT_LIMIT = 100;
/** The most that one request may bring. */
const PAGE = 500;

const COLUMNS: readonly Column[] = [
  { title: "TIME" },
  { title: "ACTION" },
  { title: "TARGET" },
  { title: "ACTOR" },
  { title: "DETAIL", shrinks: true },
];

/** Events as a table, newest first: of the account, or of one instance. */
export async function listEvents(
  { client, out, signal }: Context,
  options: { instance?: string; limit?: number },
): Promise<number> {
  const { audit } = await client();
  const limit = options.limit ?? DEFAULT_LIMIT;
  const page = { limit: Math.min(limit, PAGE) };
  const all = options.instance
    ? audit.instanceEvents(options.instance, page, { signal })
    : audit.events(page, { signal });
  const events = await collect(all, limit);
  if (out.json) {
    out.document(events);
    return EXIT.ok;
  }
  const rows = events.map((event) => [
    event.at,
    event.action,
    event.target,
    plain(event.actor),
    plain(detailText(event)),
  ]);
  const maxWidth = out.stdout.isTTY ? out.stdout.columns : undefined;
  for (const line of renderTable(COLUMNS, rows, { maxWidth, title: out.style.dim })) out.line(line);
  return EXIT.ok;
}

/** `from=running to=stopped`; what is nested stays JSON. */
function detailText({ detail }: AuditEvent): string {
  return Object.entries(detail ?? {})
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}
