import type { ExecInput } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { pairs } from "../../input.ts";
import { LONGEST_SECONDS, pipedInput, relay } from "../../relay.ts";

export default defineCommand({
  describe: "Run a command on an instance",
  details:
    "One word is run by a shell, several are a program and its arguments. What is piped in goes to the command; " +
    "its output comes back as it is written, stdout and stderr apart; its exit code becomes ours (128+n for " +
    "signals, 124 when it ran out of time). A suspended instance is woken.",
  examples: [
    "gentity compute exec cl-x7k2m9q4 -- npm test",
    "gentity compute exec cl-x7k2m9q4 -- 'ls | wc -l'",
    "gentity compute exec cl-x7k2m9q4 -- tar xz -C /workspace < code.tgz",
  ],
  args: {
    id: { describe: "id, subdomain, or the beginning of either", completes: "instance" },
    command: { describe: "after --, the command and its arguments", optional: true, variadic: true },
  },
  options: {
    cwd: { type: "string", placeholder: "folder", describe: "where to run it" },
    env: { type: "list", short: "e", placeholder: "k=v", describe: "set for the command; repeatable" },
    timeout: { type: "integer", min: 1, placeholder: "seconds", describe: "end it after this long (a day)" },
    stdin: { type: "switch", describe: "pass nothing to the command" },
    detach: { type: "flag", short: "d", describe: "leave it running, print its exec id" },
    attach: { type: "string", placeholder: "exec-id", describe: "follow a detached command instead" },
  },
  async run(context, { args, options }) {
    const { out, signal } = context;
    if ((args.command.length === 0) === (options.attach === undefined)) {
      throw new CliError(options.attach ? "--attach takes no command." : "No command was given.", {
        exitCode: EXIT.usage,
        next: [`gentity compute exec ${args.id} -- <command>`],
      });
    }
    const { exec } = (await context.client()).instances;
    if (options.attach !== undefined) {
      return relay(context, exec.follow(args.id, options.attach, { signal }));
    }
    const input: ExecInput = {
      command: args.command.length === 1 ? (args.command[0] as string) : args.command,
      cwd: options.cwd,
      env: options.env.length === 0 ? undefined : pairs(options.env, "--env"),
      timeoutSeconds: options.timeout ?? (options.detach ? undefined : LONGEST_SECONDS),
      stdin: options.stdin ? await pipedInput(context) : undefined,
    };
    if (!options.detach) return relay(context, exec.stream(args.id, input, { signal }));
    const { execId } = await exec.start(args.id, input, { signal });
    if (out.json) out.document({ execId });
    else out.line(execId);
    out.next([["follow it", `gentity compute exec ${args.id} --attach ${execId}`]]);
    return EXIT.ok;
  },
});
