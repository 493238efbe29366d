import { CommanderError } from "commander";
import { createContext } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { resolveLocalhostNames } from "./loopback.ts";
import { flushed, Output } from "./output.ts";
import { type Invocation, parse } from "./program.ts";
import { REGISTRY } from "./registry.ts";

/** Runs one command line in this process, to its end. */
export async function run(argv: readonly string[]): Promise<never> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failure);
  });
  resolveLocalhostNames();
  const exitCode = await exitCodeOf(argv);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Kept-alive connections and an open stdin would hold the process for seconds.
  process.exit(exitCode);
}

async function exitCodeOf(argv: readonly string[]): Promise<number> {
  try {
    const invocation = await parse(argv, {
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
    });
    return await perform(invocation);
  } catch (error) {
    // Commander has said what was wrong, or has shown the help it was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}

async function perform({ command, args, options }: Invocation): Promise<number> {
  const { json, apiUrl, token, ...own } = options as Record<string, unknown> & {
    json?: boolean;
    apiUrl?: string;
    token?: string;
  };
  const out = new Output(process, { json: json === true, env: process.env });
  const cancel = new AbortController();
  process.once("SIGINT", () => cancel.abort());
  const context = createContext({
    out,
    flags: { apiUrl, token },
    signal: cancel.signal,
    registry: REGISTRY,
  });
  try {
    // The parser built both from the command's own tables.
    return await command.run(context, { args: args as never, options: own as never });
  } catch (error) {
    // A command that has more to say about being cancelled throws its own error.
    return cancel.signal.aborted && error === cancel.signal.reason ? EXIT.cancelled : out.failure(error);
  }
}
