import { collect, type Period } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { statusText } from "../../style.ts";
import { renderTable } from "../../table.ts";
import { plain } from "../../text.ts";
import { duration } from "../../time.ts";

const COLUMNS = ["STATE", "METER", "STARTED", "LASTED", "REASON", "ACTOR"].map((title) => ({ title }));

export default defineCommand({
  describe: "Show the states an instance has been in, and for how long",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: {
    limit: { type: "integer", min: 1, placeholder: "n", describe: "at most this many" },
  },
  async run({ client, out, signal }, { args, options }) {
    const all = (await client()).instances.periods(args.id, {}, { signal });
    const periods = await collect(all, options.limit);
    if (out.json) {
      out.document(periods);
      return EXIT.ok;
    }
    const rows = periods.map((period) => [
      statusText(period.state, out.style),
      period.meter,
      period.startedAt,
      lasted(period),
      plain(period.reason),
      plain(period.actor),
    ]);
    for (const line of renderTable(COLUMNS, rows, { title: out.style.dim })) out.line(line);
    return EXIT.ok;
  },
});

function lasted(period: Period): string {
  const end = period.endedAt ? Date.parse(period.endedAt) : Date.now();
  const text = duration(end - Date.parse(period.startedAt));
  return period.endedAt ? text : `${text} so far`;
}
