import { collect } from "../../../../sdk/index.ts";
import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-codes.ts";
import { dollars } from "../../../money.ts";
import { renderTable } from "../../../table.ts";
import { plain } from "../../../text.ts";
import { age } from "../../../time.ts";

const COLUMNS = ["ID", "EMAIL", "INSTANCES", "MEMORY", "COMMANDS", "BUDGET", "STATE", "AGE"].map((title) => ({
  title,
}));

export default defineCommand({
  describe: "List all accounts with what each may use, newest first",
  async run({ adminClient, out, signal }) {
    const accounts = await collect((await adminClient()).admin.accounts({ signal }));
    if (out.json) {
      out.document(accounts);
      return EXIT.ok;
    }
    const rows = accounts.map(({ quota, budget, ...account }) => [
      account.id,
      plain(account.email),
      String(quota.instances),
      `${quota.memoryMb} MB`,
      String(quota.execConcurrency),
      budget ? `${dollars(budget.limitMicros)} ${budget.action}` : "none",
      account.suspendedAt ? "suspended" : "open",
      age(Date.now() - Date.parse(account.createdAt)),
    ]);
    for (const line of renderTable(COLUMNS, rows, { title: out.style.dim })) out.line(line);
    return EXIT.ok;
  },
});
