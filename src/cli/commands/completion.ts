import { defineCommand } from "../command.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";

/** Each shell's script, loaded when it is asked for. */
const SCRIPTS = {
  bash: async () => (await import("../completion/bash.ts")).bashScript,
  zsh: async () => (await import("../completion/zsh.ts")).zshScript,
  fish: async () => (await import("../completion/fish.ts")).fishScript,
};

export default defineCommand({
  describe: "Print a completion script for bash, zsh or fish",
  args: { shell: { describe: "bash, zsh or fish", completes: ["bash", "zsh", "fish"] } },
  examples: [
    "echo 'source <(gentity completion bash)' >> ~/.bashrc",
    "echo 'source <(gentity completion zsh)' >> ~/.zshrc",
    "gentity completion fish > ~/.config/fish/completions/gentity.fish",
  ],
  async run({ out, registry }, { args }) {
    if (!isShell(args.shell)) {
      throw new CliError(`No completion for "${args.shell}".`, {
        exitCode: EXIT.usage,
        next: ["gentity completion bash, zsh or fish"],
      });
    }
    const [script, { groups, positions }] = await Promise.all([
      SCRIPTS[args.shell](),
      import("../completion/words.ts"),
    ]);
    out.stdout.write(script(await positions(registry), groups(registry)));
    return EXIT.ok;
  },
});

function isShell(text: string): text is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, text);
}
