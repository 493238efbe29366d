import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";

export default defineCommand({
  describe: "Sign a link to an instance whose access is signed",
  details:
    "Whoever has the link can use the instance until it expires, in an iframe too. All links end earlier when the URL is rotated " +
    "or the access is changed.",
  examples: ["gentity compute link scout --expires 86400"],
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: {
    expires: { type: "integer", min: 1, placeholder: "seconds", describe: "from now on (an hour)" },
  },
  async run({ client, out, signal }, { args, options }) {
    const link = await (await client()).instances.createLink(
      args.id,
      options.expires === undefined ? {} : { expiresInSeconds: options.expires },
      { signal },
    );
    if (out.json) {
      out.document(link);
      return EXIT.ok;
    }
    out.line(link.url);
    out.note(`It opens the instance until ${link.expiresAt}.`);
    return EXIT.ok;
  },
});
