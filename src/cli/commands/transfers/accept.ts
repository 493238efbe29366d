import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { givenKey } from "../../model-key.ts";
import { plain } from "../../text.ts";

export default defineCommand({
  describe: "Take over an instance that is offered to you",
  details: "From then on you pay for it. Without --api-key its machine gets no model key.",
  args: { id: { describe: "from gentity transfers list" } },
  options: {
    apiKey: {
      type: "string",
      placeholder: "key",
      describe: "your key of the model's provider; - reads it from stdin",
    },
  },
  async run(context, { args, options }) {
    const { client, out, signal } = context;
    const apiKey = await givenKey(context, options.apiKey);
    const answer = await (await client()).transfers.accept(args.id, { apiKey }, { signal });
    if (out.json) {
      out.document(answer);
      return EXIT.ok;
    }
    const { instance } = answer;
    out.line(instance.id);
    for (const { message, hint } of instance.notices ?? []) out.note(plain(`${message} ${hint}`));
    out.next([["follow it", `gentity compute watch ${instance.subdomain}`]]);
    return EXIT.ok;
  },
});
