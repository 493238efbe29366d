import type { Fleet } from "../../sdk/index.ts";
import { defineCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { dollars } from "../money.ts";
import type { Output } from "../output.ts";
import { statusText } from "../style.ts";
import { type Column, renderTable } from "../table.ts";
import { plain, shortestUnique } from "../text.ts";
import { duration } from "../time.ts";

/** The part of an id that is shown, longer where that would not tell two apart. */
const ID_SHOWN = 8;

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "WORKSPACE", shrinks: true },
  { title: "NAME", shrinks: true },
  { title: "SUBSTRATE" },
  { title: "STATE" },
  { title: "UPTIME" },
  { title: "EST. COST" },
];

export default defineCommand({
  describe: "Show all machines, how long they have run, and what that cost",
  details:
    "Bodies and instances with an address alike. The uptime is that of the started machine: it stands still while the " +
    "machine sleeps. Costs are estimates by list prices, without volumes; nothing is debited.",
  async run({ client, out, signal }) {
    const fleet = await (await client()).bodies.fleet({ signal });
    if (out.json) out.document(fleet);
    else printFleet(out, fleet);
    return EXIT.ok;
  },
});

function printFleet(out: Output, { machines, totals, providers }: Fleet): void {
  const names = Object.entries(providers).flatMap(([name, isThere]) => (isThere ? [name] : []));
  const configured = names.length === 0 ? "No provider is configured." : `Configured: ${names.join(", ")}.`;
  if (machines.length === 0) {
    out.note(`No machines. ${configured}`);
    out.next([["make a body", "gentity run <workspace> -- <command>"]]);
    return;
  }
  const ids = machines.map(({ id }) => id);
  const rows = machines.map((machine) => [
    shortestUnique(machine.id, ids, ID_SHOWN),
    plain(machine.workspaceId ?? "-"),
    plain(machine.name),
    machine.provider,
    statusText(machine.state, out.style),
    duration(machine.uptimeMs),
    `~${dollars(machine.computeCostMicros)}`,
  ]);
  rows.push([
    "total",
    "",
    "",
    "",
    `${totals.started} of ${totals.machines} started`,
    duration(totals.uptimeMs),
    `~${dollars(totals.computeCostMicros)}`,
  ]);
  const maxWidth = out.stdout.isTTY ? out.stdout.columns : undefined;
  for (const line of renderTable(COLUMNS, rows, { maxWidth, title: out.style.dim })) out.line(line);
  out.note(`${configured} Costs are estimates by list prices. Nothing is debited.`);
}
