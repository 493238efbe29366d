import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";

export default defineCommand({
  describe: "Withdraw an offer of yours",
  args: { id: { describe: "from gentity transfers list" } },
  async run({ client, out, signal }, { args }) {
    const transfer = await (await client()).transfers.cancel(args.id, { signal });
    if (out.json) out.document(transfer);
    else out.note(`${out.noteStyle.green("✓")} Withdrew ${transfer.id}`);
    return EXIT.ok;
  },
});
