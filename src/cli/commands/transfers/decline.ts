import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";

export default defineCommand({
  describe: "Decline an instance that is offered to you",
  args: { id: { describe: "from gentity transfers list" } },
  async run({ client, out, signal }, { args }) {
    const transfer = await (await client()).transfers.decline(args.id, { signal });
    if (out.json) out.document(transfer);
    else out.note(`${out.noteStyle.green("✓")} Declined ${transfer.id}`);
    return EXIT.ok;
  },
});
