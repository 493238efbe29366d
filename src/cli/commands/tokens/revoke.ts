import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";

export default defineCommand({
  describe: "Revoke an API token at once",
  args: { id: { describe: "from gentity tokens list" } },
  async run({ client, out, signal }, { args }) {
    const answer = await (await client()).tokens.revoke(args.id, { signal });
    if (out.json) out.document(answer);
    else out.note(`${out.noteStyle.green("✓")} Revoked ${args.id}`);
    return EXIT.ok;
  },
});
