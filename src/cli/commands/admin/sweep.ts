import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { type Column, renderTable } from "../../table.ts";
import { plain } from "../../text.ts";
import { age } from "../../time.ts";

const COLUMNS: readonly Column[] = [
  { title: "PROVIDER" },
  { title: "INSTANCE" },
  { title: "FINDING" },
  { title: "OURS", shrinks: true },
  { title: "VENDOR'S", shrinks: true },
  { title: "FIRST SEEN" },
  { title: "NOW" },
];

export default defineCommand({
  describe: "Show what comparing the vendors' own lists with the records brought up",
  details: "Every five minutes the lists are compared. A healthy deployment has no open finding.",
  options: { limit: { type: "integer", min: 1, placeholder: "n", describe: "at most this many (100)" } },
  async run({ adminClient, out, signal }, { options }) {
    const { runs, findings } = await (await adminClient()).admin.sweep({ limit: options.limit }, { signal });
    if (out.json) {
      out.document({ runs, findings });
      return EXIT.ok;
    }
    const now = Date.now();
    const rows = findings.map((finding) => [
      finding.provider,
      finding.instanceId,
      finding.kind,
      plain(finding.ours),
      plain(finding.vendors),
      `${age(now - Date.parse(finding.firstSeenAt))} ago`,
      finding.resolvedAt ? "resolved" : "open",
    ]);
    const maxWidth = out.stdout.isTTY ? out.stdout.columns : undefined;
    for (const line of renderTable(COLUMNS, rows, { maxWidth, title: out.style.dim })) out.line(line);
    for (const run of runs) {
      const when = `${age(now - Date.parse(run.at))} ago`;
      const how =
        run.failure ?? `${run.machines} machines, ${run.instances} instances, ${run.findings} findings`;
      const limits = run.limits.map(({ name, used, limit }) => `, ${used} of ${limit} ${name}`).join("");
      out.note(plain(`${run.provider}, ${when}: ${how}${limits}`));
    }
    return EXIT.ok;
  },
});
