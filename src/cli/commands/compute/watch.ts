import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { statusText } from "../../style.ts";
import { plain } from "../../text.ts";

export default defineCommand({
  describe: "Show each change of state as it happens, until the instance is deleted",
  details: "With --json, one line of JSON for each change. Dropped connections are picked up again.",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  async run({ client, out, signal }, { args }) {
    for await (const change of (await client()).instances.watch(args.id, { signal })) {
      if (out.json) {
        out.record(change);
        continue;
      }
      const why = change.errorMessage ?? change.reason ?? "";
      const since = change.since ?? new Date().toISOString();
      out.line(`${out.style.dim(since)}  ${statusText(change.status, out.style)}  ${plain(why)}`.trimEnd());
    }
    return EXIT.ok;
  },
});
