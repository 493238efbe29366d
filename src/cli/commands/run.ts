import type { RunInput } from "../../sdk/index.ts";
import { defineCommand } from "../command.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { pairs } from "../input.ts";
import { LONGEST_SECONDS, pipedInput, relay } from "../relay.ts";

export default defineCommand({
  describe: "Run a command on a workspace's body",
  details:
    "The workspace is a name of your own. Its body is a machine without an address that is made at the first run and " +
    "keeps its files; while nothing is at work on it, it sleeps. One word is run by a shell, several are a program and " +
    "its arguments. What is piped in goes to the command, its output comes back stdout and stderr apart, and its exit " +
    "code becomes ours (128+n for signals, 124 when it ran out of time).",
  examples: [
    "gentity run ws-42 -- python3 --version",
    "gentity run ws-42 -- 'git clone https://example.com/a.git && ls a'",
    "gentity run ws-42 --goal 'fix the build' -- npm test",
  ],
  args: {
    workspace: { describe: "your name for the workspace" },
    command: { describe: "after --, the command and its arguments", optional: true, variadic: true },
  },
  options: {
    goal: { type: "string", placeholder: "text", describe: "what a new body is wanted for" },
    image: { type: "string", placeholder: "image", describe: "what a new body runs" },
    cwd: { type: "string", placeholder: "folder", describe: "where to run it; by default in /workspace" },
    env: { type: "list", short: "e", placeholder: "k=v", describe: "set for the command; repeatable" },
    timeout: { type: "integer", min: 1, placeholder: "seconds", describe: "end it after this long (a day)" },
    stdin: { type: "switch", describe: "pass nothing to the command" },
    detach: { type: "flag", short: "d", describe: "leave it running, print its exec id" },
  },
  async run(context, { args, options }) {
    const { out, signal } = context;
    if (args.command.length === 0) {
      throw new CliError("No command was given.", {
        exitCode: EXIT.usage,
        next: [`gentity run ${args.workspace} -- <command>`],
      });
    }
    const { bodies } = await context.client();
    const input: RunInput = {
      command: args.command.length === 1 ? (args.command[0] as string) : args.command,
      goal: options.goal,
      image: options.image,
      cwd: options.cwd,
      env: options.env.length === 0 ? undefined : pairs(options.env, "--env"),
      timeoutSeconds: options.timeout ?? (options.detach ? undefined : LONGEST_SECONDS),
      stdin: options.stdin ? await pipedInput(context) : undefined,
    };
    if (!options.detach) return relay(context, bodies.stream(args.workspace, input, { signal }));
    const started = await bodies.start(args.workspace, input, { signal });
    if (out.json) out.document(started);
    else out.line(started.execId);
    out.next([["follow it", `gentity compute exec ${started.instanceId} --attach ${started.execId}`]]);
    return EXIT.ok;
  },
});
