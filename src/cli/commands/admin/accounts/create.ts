import { defineCommand } from "../../../command.ts";
import { EXIT } from "../../../exit-codes.ts";

export default defineCommand({
  describe: "Make an account and its first token, which is shown this once",
  args: { email: { describe: "whose it is" } },
  options: { name: { type: "string", placeholder: "name", describe: "what to call them" } },
  examples: ["gentity admin accounts create ada@example.com --name Ada"],
  async run({ adminClient, out, signal }, { args, options }) {
    const input = { email: args.email, ...(options.name !== undefined && { name: options.name }) };
    const created = await (await adminClient()).admin.createAccount(input, { signal });
    if (out.json) out.document(created);
    else out.line(created.token);
    out.note(`${created.account.id} is made. Keep its token safe: it cannot be shown again.`);
    out.next([["to use it", "gentity login --token <token>"]]);
    return EXIT.ok;
  },
});
