import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { printUsage } from "../../usage-table.ts";

export default defineCommand({
  describe: "Show what an instance used, day by day, and its estimated cost",
  details: "A deleted instance answers by its whole id.",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: {
    from: { type: "string", placeholder: "day", describe: "the first day; by default thirty days ago" },
    to: { type: "string", placeholder: "day", describe: "the last day; by default today" },
  },
  async run({ client, out, signal }, { args, options }) {
    // A year of days, which is as much as can be asked for, is one page.
    const answer = await (await client()).usage.ofInstance(args.id, options, { signal });
    if (out.json) out.document(answer);
    else printUsage(out, answer);
    return EXIT.ok;
  },
});
