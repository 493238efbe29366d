/**
 * Runs inside a machine, in place of ttyd or of an agent that cannot run here: a page that says what this machine is, and a
 * terminal. Takes ttyd's options.
 */
import { spawn } from "@lydell/node-pty";
import { FACTS_VARIABLE, parseOptions } from "./options.ts";
import { createPageServer } from "./server.ts";
import { Session } from "./session.ts";

const options = parseOptions(process.argv.slice(2), process.env, process.cwd());
const { [FACTS_VARIABLE]: _, ...env } = process.env;

const session = new Session(({ cols, rows }) => {
  const [file = "sh", ...args] = options.command;
  return spawn(file, args, {
    name: "xterm-256color",
    cols,
    rows,
    cwd: options.cwd,
    env: { ...env, TERM: "xterm-256color", COLORTERM: "truecolor" },
  });
});

const server = createPageServer(options, session);
server.on("error", (error) => {
  process.stderr.write(`page: ${error.message}\n`);
  process.exit(1);
});
server.listen(options.port, "0.0.0.0", () => {
  process.stdout.write(`page: ${options.facts.runs}\npage: listening on port ${options.port}\n`);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(0));
}
