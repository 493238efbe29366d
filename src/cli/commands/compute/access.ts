import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";

export default defineCommand({
  describe: "Say who may open an instance's URL",
  details:
    "link: whoever has it. token: who shows a token of its account, as Authorization: Bearer, or, for a browser's WebSocket, as the " +
    "subprotocol gentity.bearer.<token>. signed: the same, or a link from gentity compute link. It has taken effect everywhere within " +
    "ten seconds; connections that are open stay open.",
  examples: ["gentity compute access scout signed"],
  args: {
    id: { describe: "id, subdomain, or the beginning of either", completes: "instance" },
    access: { describe: "link, token or signed" },
  },
  async run({ client, out, signal }, { args }) {
    const instance = await (await client()).instances.update(args.id, { access: args.access }, { signal });
    if (out.json) out.document(instance);
    else out.line(instance.access ?? args.access);
    return EXIT.ok;
  },
});
