import { defineCommand } from "../command.ts";
import { configPath, removeSaved } from "../config.ts";
import { EXIT } from "../exit-codes.ts";

export default defineCommand({
  describe: "Forget the saved token",
  details: "The token stays valid; end it with: gentity tokens revoke <id>",
  async run({ env, out }) {
    await removeSaved(env);
    if (out.json) out.document({ ok: true, config: configPath(env) });
    else out.note(`${out.noteStyle.green("✓")} Logged out`);
    if (env.GENTITY_TOKEN) out.note("GENTITY_TOKEN is still set.");
    return EXIT.ok;
  },
});
