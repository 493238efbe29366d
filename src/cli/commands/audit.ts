import { defineCommand } from "../command.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { listEvents } from "./audit/list.ts";
import { verify } from "./audit/verify.ts";

export default defineCommand({
  describe: "Show what was done in the account, newest first, or verify that nothing of it was changed",
  details:
    "Events are append-only and chained by their hashes; the ends of the chains are signed daily.\n" +
    "`verify` recomputes every chain here, checks the signatures, and exits with 1 when it finds anything.",
  args: { verify: { describe: "verify instead", optional: true, completes: ["verify"] } },
  options: {
    instance: { type: "string", placeholder: "id", describe: "only what was done to this instance" },
    limit: { type: "integer", min: 1, placeholder: "n", describe: "at most this many (100)" },
  },
  examples: ["gentity audit --limit 20", "gentity audit --instance cl-x7k2m9q4", "gentity audit verify"],
  async run(context, { args, options }) {
    if (args.verify === undefined) return listEvents(context, options);
    if (args.verify !== "verify") {
      throw new CliError(`There is no "audit ${args.verify}".`, {
        exitCode: EXIT.usage,
        next: ["gentity audit, or gentity audit verify"],
      });
    }
    return verify(context);
  },
});
