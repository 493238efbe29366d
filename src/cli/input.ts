import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Context } from "./context.ts";
import { CancelledError, CliError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";

/** Everything a pipe or a file has on stdin. */
export async function readAll(stdin: NodeJS.ReadStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** One line from a person or a pipe, asked for on stderr so that stdout stays data. */
export async function ask(
  context: Context,
  question: string,
  options: { hidden?: boolean } = {},
): Promise<string> {
  const { stderr } = context.out;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const isTerminal = context.stdin.isTTY === true;
  const lines = createInterface({
    input: context.stdin,
    // What is typed is echoed by the output given here, so a hidden answer gets one that shows nothing.
    output: options.hidden ? silent : stderr,
    terminal: isTerminal,
  });
  stderr.write(question);
  try {
    return await new Promise((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("SIGINT", () => reject(new CancelledError()));
      lines.once("close", () => reject(new CancelledError()));
    });
  } finally {
    lines.close();
    if (options.hidden || !isTerminal) stderr.write("\n");
  }
}

/** `K=V` pairs as a record. */
export function pairs(items: readonly string[], flag: string): Record<string, string> {
  const record: Record<string, string> = {};
  for (const item of items) {
    const equals = item.indexOf("=");
    if (equals < 1) {
      throw new CliError(`${flag} takes key=value, not "${item}".`, { exitCode: EXIT.usage });
    }
    record[item.slice(0, equals)] = item.slice(equals + 1);
  }
  return record;
}

/** `4096`, `512m`, `4g`: megabytes. */
export function megabytes(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(m|mb|mib|g|gb|gib)?$/i.exec(text.trim());
  const value = Number(match?.[1]) * (/^g/i.test(match?.[2] ?? "") ? 1024 : 1);
  if (match && Number.isInteger(value) && value > 0) return value;
  throw new CliError(`${flag} takes megabytes, such as 4096, or 4g; not "${text}".`, {
    exitCode: EXIT.usage,
  });
}
