import type { UpdateAccountInput } from "../../../../sdk/index.ts";
import { defineCommand } from "../../../command.ts";
import { CliError } from "../../../errors.ts";
import { EXIT } from "../../../exit-codes.ts";
import { megabytes } from "../../../input.ts";
import { microsOf } from "../../../money.ts";

interface Typed {
  instances?: number;
  memory?: string;
  commands?: number;
  budget?: string;
  whenSpent?: string;
  suspend: boolean;
  unsuspend: boolean;
}

export default defineCommand({
  describe: "Change what an account may use, or suspend it",
  args: { id: { describe: "from gentity admin accounts list" } },
  options: {
    instances: { type: "integer", min: 0, placeholder: "n", describe: "how many it may have" },
    memory: {
      type: "string",
      placeholder: "mb",
      describe: "of all its instances together, such as 65536 or 64g",
    },
    commands: { type: "integer", min: 0, placeholder: "n", describe: "how many may run at once" },
    budget: {
      type: "string",
      placeholder: "dollars",
      describe: "compute in a month, such as 25; none for no budget",
    },
    whenSpent: { type: "string", placeholder: "action", describe: "warn, refuse or suspend; with --budget" },
    suspend: { type: "flag", describe: "refuse its tokens; its machines go on" },
    unsuspend: { type: "flag", describe: "take its tokens again" },
  },
  examples: ["gentity admin accounts update acc_1 --instances 5 --budget 25 --when-spent suspend"],
  async run({ adminClient, out, signal }, { args, options }) {
    const change = changeOf(options);
    const account = await (await adminClient()).admin.updateAccount(args.id, change, { signal });
    if (out.json) out.document(account);
    else out.note(`${out.noteStyle.green("✓")} Changed ${account.id}`);
    return EXIT.ok;
  },
});

function changeOf(typed: Typed): UpdateAccountInput {
  const { instances, memory, commands, budget, whenSpent } = typed;
  if (typed.suspend && typed.unsuspend) throw usage("Give --suspend or --unsuspend, not both.");
  if (whenSpent !== undefined && (budget === undefined || budget === "none")) {
    throw usage("--when-spent goes with a --budget.");
  }
  const quota = {
    ...(instances !== undefined && { instances }),
    ...(memory !== undefined && { memoryMb: megabytes(memory, "--memory") }),
    ...(commands !== undefined && { execConcurrency: commands }),
  };
  const change: UpdateAccountInput = {
    ...(Object.keys(quota).length > 0 && { quota }),
    ...(budget !== undefined && { budget: budgetOf(budget, whenSpent) }),
    ...((typed.suspend || typed.unsuspend) && { suspended: typed.suspend }),
  };
  if (Object.keys(change).length === 0) throw usage("Nothing to change was named.");
  return change;
}

function budgetOf(text: string, action: string | undefined): UpdateAccountInput["budget"] {
  if (text === "none") return null;
  const limitMicros = microsOf(text);
  if (limitMicros === undefined) throw usage(`--budget takes dollars, such as 25 or 9.50, not "${text}".`);
  return { limitMicros, ...(action !== undefined && { action }) };
}

function usage(message: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage, next: ["gentity admin accounts update --help"] });
}
