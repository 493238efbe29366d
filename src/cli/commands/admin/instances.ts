import { collect } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { statusText } from "../../style.ts";
import { type Column, renderTable } from "../../table.ts";
import { plain } from "../../text.ts";
import { age } from "../../time.ts";

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "ACCOUNT" },
  { title: "NAME", shrinks: true },
  { title: "AGENT" },
  { title: "RELEASE" },
  { title: "STATUS" },
  { title: "AGE" },
];

export default defineCommand({
  describe: "List every account's instances, newest first",
  options: {
    account: { type: "string", placeholder: "id", describe: "only this account's" },
    status: { type: "string", placeholder: "status", describe: "only those in this state" },
  },
  async run({ adminClient, out, signal }, { options }) {
    const filter = { accountId: options.account, status: options.status };
    const instances = await collect((await adminClient()).admin.instances(filter, { signal }));
    if (out.json) {
      out.document(instances);
      return EXIT.ok;
    }
    const rows = instances.map((instance) => [
      instance.id,
      instance.accountId,
      plain(instance.name),
      instance.agentType,
      `${instance.image?.release ?? ""}${instance.image?.outdated ? " (outdated)" : ""}`,
      statusText(instance.status, out.style),
      age(Date.now() - Date.parse(instance.createdAt)),
    ]);
    const maxWidth = out.stdout.isTTY ? out.stdout.columns : undefined;
    for (const line of renderTable(COLUMNS, rows, { maxWidth, title: out.style.dim })) out.line(line);
    return EXIT.ok;
  },
});
