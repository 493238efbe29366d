import { constants } from "node:os";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { runSession, type SessionEnd } from "../../terminal.ts";

const SIGNAL_BASE = 128;

export default defineCommand({
  describe: "Open a shell on an instance",
  details: "For one command, or in a script, use: gentity compute exec",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  async run(context, { args }) {
    const { out, stdin, signal } = context;
    if (!stdin.isTTY || !out.stdout.isTTY) {
      throw new CliError("A shell needs a terminal, and this is not one.", {
        exitCode: EXIT.usage,
        next: [`For one command: gentity compute exec ${args.id} -- <command>`],
      });
    }
    const client = await context.client();
    out.note(out.noteStyle.dim(`Connecting to ${args.id}…`));
    const { url } = await client.instances.terminalTicket(args.id, { signal });
    // A hangup or a kill would otherwise skip the handlers that give the terminal back.
    for (const name of ["SIGHUP", "SIGTERM"] as const) {
      process.once(name, () => process.exit(SIGNAL_BASE + constants.signals[name]));
    }
    return finish(context, args.id, await runSession({ url, stdin, stdout: out.stdout }));
  },
});

function finish({ out }: Context, id: string, end: SessionEnd): number {
  const again = `Connect again with: gentity compute ssh ${id}`;
  switch (end.type) {
    case "exit": {
      const signals: Record<string, number | undefined> = constants.signals;
      const number = end.signal ? signals[end.signal] : undefined;
      return end.exitCode ?? (number === undefined ? EXIT.failure : SIGNAL_BASE + number);
    }
    case "refused":
      throw new CliError(`The terminal was refused${end.reason && `: ${end.reason}`}.`, {
        exitCode: EXIT.unauthorized,
        next: [again],
      });
    case "failed":
      throw new CliError(`The terminal failed${end.reason && `: ${end.reason}`}.`, { next: [again] });
    case "unreachable":
      throw new CliError("The terminal cannot be reached.", {
        exitCode: EXIT.unreachable,
        next: [`See whether it runs: gentity compute get ${id}`],
      });
    case "dropped":
      out.note();
      throw new CliError(`The connection was lost (${end.code}${end.reason && `: ${end.reason}`}).`, {
        exitCode: EXIT.unreachable,
        next: [again],
      });
  }
}
