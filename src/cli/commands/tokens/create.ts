import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";

export default defineCommand({
  describe: "Make an API token; it is shown this once",
  args: { name: { describe: "what it is for, such as ci" } },
  examples: ["gentity tokens create ci"],
  async run({ client, out, signal }, { args }) {
    const created = await (await client()).tokens.create({ name: args.name }, { signal });
    if (out.json) out.document(created);
    else out.line(created.plaintext);
    out.note("Keep it safe: it cannot be shown again.");
    out.next([["to end it", `gentity tokens revoke ${created.token.id}`]]);
    return EXIT.ok;
  },
});
