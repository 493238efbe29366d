import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ReleaseInput } from "../../../../sdk/index.ts";
import { defineCommand } from "../../../command.ts";
import { CliError } from "../../../errors.ts";
import { EXIT } from "../../../exit-codes.ts";

export default defineCommand({
  describe: "Make a release of an agent current for new instances",
  details:
    "The file is JSON: release (its name), image { repository, tag, digest }, recipe.\nInstances that exist keep the release they were made with, and say that they are behind.",
  args: { agent: { describe: "from gentity agents" } },
  options: { file: { type: "string", short: "f", placeholder: "path", describe: "the release" } },
  examples: ["gentity admin releases publish aider --file release.json"],
  async run({ adminClient, cwd, out, signal }, { args, options }) {
    if (options.file === undefined) throw usage("--file is missing.");
    const release = await readRelease(resolve(cwd, options.file));
    const published = await (await adminClient()).admin.publishRelease(args.agent, release, { signal });
    if (out.json) out.document(published);
    else
      out.note(
        `${out.noteStyle.green("✓")} ${published.agentId} ${published.release} is current: ${published.image}`,
      );
    return EXIT.ok;
  },
});

/** The API checks it; here it only has to be JSON. */
async function readRelease(path: string): Promise<ReleaseInput> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw usage(`Cannot read ${path}: ${error.code}.`);
  });
  try {
    return JSON.parse(text) as ReleaseInput;
  } catch {
    throw usage(`${path} is not JSON.`);
  }
}

function usage(message: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage, next: ["gentity admin releases publish --help"] });
}
