import type { CloneInstanceInput } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { givenKey } from "../../model-key.ts";
import { awaitStatus, shown } from "../../wait.ts";
import { report } from "./create.ts";

export default defineCommand({
  describe: "Make a new instance like another one, on the agent's current release",
  details:
    "Same model, size, region, environment and labels; its address and passwords are its own. The model key is the " +
    "source's unless another one is given. The source is not touched.",
  examples: ["gentity compute clone scout", "gentity compute clone cl-x7k2m9q4 --copy-data --name scout-2"],
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: {
    name: { type: "string", placeholder: "name", describe: "what to call it" },
    apiKey: { type: "string", placeholder: "key", describe: "another model key; - reads it from stdin" },
    copyData: { type: "flag", describe: "begin with a copy of the volume" },
    detach: { type: "flag", short: "d", describe: "do not wait until it runs" },
  },
  async run(context, { args, options }) {
    const client = await context.client();
    const input: CloneInstanceInput = {
      name: options.name,
      apiKey: await givenKey(context, options.apiKey),
      copyData: options.copyData,
    };
    const doing = `Cloning ${args.id}`;
    const created = await shown(context, doing, async (progress) => {
      const accepted = await client.instances.clone(args.id, input, { signal: context.signal });
      if (options.detach) return accepted;
      await awaitStatus({ context, client, id: accepted.id, doing, progress }, ["running"]);
      progress.done(`${accepted.subdomain} is running`);
      return { ...accepted, status: "running" };
    });
    report(context, created);
    return EXIT.ok;
  },
});
