import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { plain } from "../../text.ts";

const DEFAULT_SECONDS = 3_600;

export default defineCommand({
  describe: "Keep an instance awake, whatever it does",
  details: "The last hold counts. A body that is held does not sleep before then; --seconds 0 lets it go.",
  examples: [
    "gentity compute hold cmp01k5x3 --seconds 7200 --reason 'a long build'",
    "gentity compute hold cmp01k5x3 --seconds 0",
  ],
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: {
    seconds: {
      type: "integer",
      min: 0,
      placeholder: "seconds",
      describe: "for so long from now on (an hour)",
    },
    reason: { type: "string", placeholder: "text", describe: "why; shown to whoever asks" },
  },
  async run({ client, out, signal }, { args, options }) {
    const hold = { seconds: options.seconds ?? DEFAULT_SECONDS, reason: options.reason ?? "held by hand" };
    const instance = await (await client()).instances.hold(args.id, hold, { signal });
    if (out.json) out.document(instance);
    else if (instance.awake) out.line(plain(`awake until ${instance.awake.until}: ${instance.awake.reason}`));
    else out.line("not held");
    return EXIT.ok;
  },
});
