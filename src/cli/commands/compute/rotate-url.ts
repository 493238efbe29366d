import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { plain } from "../../text.ts";

export default defineCommand({
  describe: "Give an instance a new address; the old one stops working",
  details:
    "Within ten seconds the old address answers like one that never existed. The machine is not restarted.",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  async run({ client, out, signal }, { args }) {
    const instance = await (await client()).instances.rotateUrl(args.id, { signal });
    if (out.json) {
      out.document(instance);
      return EXIT.ok;
    }
    out.line(instance.url ?? instance.subdomain);
    for (const { message, hint } of instance.notices ?? []) out.note(plain(`${message} ${hint}`));
    return EXIT.ok;
  },
});
