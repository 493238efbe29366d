import { defineCommand } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";

export default defineCommand({
  describe: "Offer an instance to another account",
  details:
    "Until it is accepted nothing changes. Then it is theirs with everything on its volume; its address is new, your model " +
    "key is taken out, and a running one is restarted. An address that nobody has is not told from one that somebody has.",
  examples: ["gentity compute transfer scout --to ada@example.com"],
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: { to: { type: "string", placeholder: "account", describe: "the account's id, or its address" } },
  async run({ client, out, signal }, { args, options }) {
    if (!options.to) {
      throw new CliError("--to is missing.", {
        exitCode: EXIT.usage,
        next: ["Name the account: --to ada@example.com"],
      });
    }
    const transfer = await (await client()).transfers.offer(args.id, { to: options.to }, { signal });
    if (out.json) {
      out.document(transfer);
      return EXIT.ok;
    }
    out.line(transfer.id);
    out.note(`Offered to ${transfer.to} until ${transfer.expiresAt}.`);
    out.next([
      ["they take it", `gentity transfers accept ${transfer.id}`],
      ["you withdraw it", `gentity transfers cancel ${transfer.id}`],
    ]);
    return EXIT.ok;
  },
});
