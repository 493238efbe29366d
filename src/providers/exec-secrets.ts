import type { ExecRequest } from "./provider.ts";

/** What a command says or is fed is the customer's; it belongs in no error. `NAME=value` among its words may hold a key. */
export function secretsOfExec({ command, stdin = "" }: Pick<ExecRequest, "command" | "stdin">): string[] {
  const values = command.flatMap((word) => /^\w+=(.+)$/s.exec(word)?.[1] ?? []);
  return [...command, ...values, stdin];
}
