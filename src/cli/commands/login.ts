import { defineCommand } from "../command.ts";
import { checkToken, configPath, readSaved, resolveSettings, writeSaved } from "../config.ts";
import { type Context, clientFor } from "../context.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { ask, readAll } from "../input.ts";

export default defineCommand({
  describe: "Log in with an API token",
  details:
    "The token comes from --token, from a pipe, or from a hidden prompt. It is kept only if the API accepts it.",
  examples: ["gentity login", "pass show gentity | gentity login"],
  async run(context) {
    const { env, flags, out } = context;
    // Not the local stack's: a login is for an address somebody chose.
    const saved = await readSaved(env).catch(() => ({}));
    const { apiUrl } = resolveSettings({ flags, env, saved, local: {} });
    const token = checkToken(await tokenFor(context, apiUrl), flags.token ? "--token" : "stdin");
    // Asked before anything is written, so a refused token leaves the earlier login as it was.
    const client = clientFor({ apiUrl, token, tokenFrom: "--token" });
    await client.instances.list({ limit: 1 }, { signal: context.signal });
    await writeSaved(env, { apiUrl, token });
    if (out.json) out.document({ apiUrl, config: configPath(env) });
    else out.note(`${out.noteStyle.green("✓")} Logged in to ${apiUrl}`);
    if (env.GENTITY_TOKEN) out.note("GENTITY_TOKEN is set and takes precedence over this login.");
    return EXIT.ok;
  },
});

async function tokenFor(context: Context, apiUrl: string): Promise<string> {
  if (context.flags.token) return context.flags.token.trim();
  if (!context.stdin.isTTY) {
    const piped = (await readAll(context.stdin)).toString("utf8").trim();
    if (piped !== "") return piped;
    throw new CliError("No token was given.", {
      exitCode: EXIT.usage,
      next: ["Run: gentity login --token gn_live_…"],
    });
  }
  context.out.note(`Make a token at ${apiUrl}/dashboard/settings/tokens`);
  return (await ask(context, "Token (hidden): ", { hidden: true })).trim();
}
