#!/usr/bin/env node
import { CommanderError } from "commander";
import { createContext } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { resolveLocalhostNames } from "./loopback.ts";
import { flushed, Output } from "./output.ts";
import { parse } from "./program.ts";
import { REGISTRY } from "./registry.ts";

/** Understands the command line, runs the command, and returns the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const invocation = await parse(argv, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  }).catch((error: unknown) => {
    if (error instanceof CommanderError) return error;
    throw error;
  });
  if (invocation instanceof CommanderError) return invocation.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const { command, args, options } = invocation;
  const { json, apiUrl, token, ...own } = options as Record<string, unknown> & {
    json?: boolean;
    apiUrl?: string;
    token?: string;
  };
  const out = new Output(process, { json: json === true, env: process.env });
  const cancel = new AbortController();
  process.once("SIGINT", () => cancel.abort());
  const context = createContext({ out, flags: { apiUrl, token }, signal: cancel.signal, registry: REGISTRY });
  try {
    return await command.run(context, { args: args as never, options: own as never });
  } catch (error) {
    if (!cancel.signal.aborted) return out.failure(error);
    // A command that has more to say about being cancelled throws its own error.
    return error === cancel.signal.reason ? EXIT.cancelled : out.failure(error);
  }
}

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failure);
});
resolveLocalhostNames();
const exitCode = await main(process.argv.slice(2));
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// Kept-alive connections and an open stdin would hold the process for seconds.
process.exit(exitCode);
