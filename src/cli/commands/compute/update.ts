import type { UpdateInstanceInput } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { pairs } from "../../input.ts";
import { plain } from "../../text.ts";

/** What takes a setting away again. */
const NEVER = "never";

export default defineCommand({
  describe: "Change an instance's name and labels, when it sleeps, and when it wakes",
  details:
    "A schedule wakes a suspended instance; one that was stopped stays stopped. Times are RFC 3339, cron expressions have five " +
    `fields and are read in UTC. "${NEVER}" takes a setting away.`,
  examples: [
    "gentity compute update cmp01k5x3 --idle 900",
    "gentity compute update cmp01k5x3 --wake-at 2026-12-01T08:00:00Z",
    "gentity compute update cmp01k5x3 --wake-cron '0 9 * * 1-5' --idle 600",
    "gentity compute update cmp01k5x3 --wake-cron never",
  ],
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: {
    name: { type: "string", placeholder: "name", describe: "what to call it" },
    label: { type: "list", short: "l", placeholder: "k=v", describe: "replaces all labels; repeatable" },
    idle: {
      type: "string",
      placeholder: "seconds",
      describe: "suspend it after so long without work, or never",
    },
    wakeAt: { type: "string", placeholder: "time", describe: "wake it once, then, or never" },
    wakeCron: { type: "string", placeholder: "cron", describe: "wake it whenever this says, or never" },
  },
  async run({ client, out, signal }, { args, options }) {
    const input: UpdateInstanceInput = {
      ...(options.name !== undefined && { name: options.name }),
      ...(options.label.length > 0 && { labels: pairs(options.label, "--label") }),
      ...(options.idle !== undefined && { idleTimeoutSeconds: secondsFrom(options.idle) }),
      ...(options.wakeAt !== undefined && { wakeAt: unlessNever(options.wakeAt) }),
      ...(options.wakeCron !== undefined && { wakeCron: unlessNever(options.wakeCron) }),
    };
    if (Object.keys(input).length === 0) {
      throw new CliError("There is nothing to change.", {
        exitCode: EXIT.usage,
        next: ["See what can be: gentity compute update --help"],
      });
    }
    const instance = await (await client()).instances.update(args.id, input, { signal });
    if (out.json) out.document(instance);
    else out.line(plain(`${instance.subdomain || instance.id} is changed`));
    return EXIT.ok;
  },
});

function unlessNever(text: string): string | null {
  return text === NEVER ? null : text;
}

function secondsFrom(text: string): number | null {
  if (text === NEVER) return null;
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isInteger(seconds) && seconds > 0) return seconds;
  throw new CliError(`--idle must be a whole number of seconds or "${NEVER}", not "${text}".`, {
    exitCode: EXIT.usage,
  });
}
