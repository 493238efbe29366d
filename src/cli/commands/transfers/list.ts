import { collect } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { renderTable } from "../../table.ts";
import { plain } from "../../text.ts";

const COLUMNS = ["ID", "STATE", "INSTANCE", "AGENT", "FROM", "TO", "EXPIRES"].map((title) => ({ title }));

export default defineCommand({
  describe: "List what you offer and what is offered to you",
  async run({ client, out, signal }) {
    const transfers = await collect((await client()).transfers.all({ signal }));
    if (out.json) {
      out.document(transfers);
      return EXIT.ok;
    }
    const rows = transfers.map((transfer) => [
      transfer.id,
      transfer.state,
      plain(transfer.instanceName),
      transfer.agentType,
      plain(transfer.from),
      plain(transfer.to),
      transfer.state === "offered" ? transfer.expiresAt : "",
    ]);
    for (const line of renderTable(COLUMNS, rows, { title: out.style.dim })) out.line(line);
    return EXIT.ok;
  },
});
