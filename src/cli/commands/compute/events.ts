import { defineCommand } from "../../command.ts";
import { listEvents } from "../audit/list.ts";

export default defineCommand({
  describe: "Show what was done to an instance, newest first",
  args: {
    id: {
      describe: "id, subdomain, or the beginning of either; the whole id of a deleted one",
      completes: "instance",
    },
  },
  options: {
    limit: { type: "integer", min: 1, placeholder: "n", describe: "at most this many (100)" },
  },
  run: (context, { args, options }) => listEvents(context, { instance: args.id, limit: options.limit }),
});
