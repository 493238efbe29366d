import { z } from "zod";
import type { Command } from "../../../services/instances/exec.ts";

/** A page waits no longer than this; what takes longer is run detached, which the API and the command line do. */
export const MAX_SECONDS = 3_600;
export const DEFAULT_SECONDS = 60;

/** A form sends its line ends as CRLF, which no shell means. */
const text = (max: number) =>
  z
    .string()
    .default("")
    .transform((value) => value.replaceAll("\r\n", "\n"))
    .pipe(z.string().max(max, `must have at most ${max} characters`));

const ExecFields = z.object({
  command: text(65_536).refine((value) => value.trim() !== "", "say what to run"),
  cwd: text(4_096).transform((value) => value.trim()),
  timeoutSeconds: z.coerce
    .number<string>("must be a number of seconds")
    .positive("must be more than 0")
    .max(MAX_SECONDS, `must be at most ${MAX_SECONDS}`)
    .default(DEFAULT_SECONDS),
  stdin: text(131_072),
  /** Made with the form, so that one sent twice runs once. */
  nonce: z.string().regex(/^[A-Za-z0-9]{8,64}$/, "load the page again"),
});
export type ExecFields = z.infer<typeof ExecFields>;

/** As they were typed. */
export type ExecValues = Partial<Record<keyof ExecFields, string>>;
export type Mistakes = Partial<Record<keyof ExecFields, string>>;

export function parseExec(values: ExecValues): { fields: ExecFields } | { mistakes: Mistakes } {
  const parsed = ExecFields.safeParse(values);
  if (parsed.success) {
    return { fields: parsed.data };
  }
  const mistakes: Mistakes = {};
  for (const { path, message } of parsed.error.issues) {
    mistakes[path[0] as keyof ExecFields] ??= message;
  }
  return { mistakes };
}

export function toCommand({ command, cwd, timeoutSeconds, stdin }: ExecFields): Command {
  return {
    argv: ["sh", "-c", command],
    timeoutSeconds,
    ...(cwd === "" ? {} : { cwd }),
    ...(stdin === "" ? {} : { stdin: new TextEncoder().encode(stdin) }),
  };
}

/**
 * What the machine knows the command by, and runs once: a page that is loaded again sends its form again. Made of what was
 * asked for, so that another command sent by the same form is another.
 */
export async function execIdOf(fields: ExecFields): Promise<string> {
  const { nonce, command, cwd, timeoutSeconds, stdin } = fields;
  const bytes = new TextEncoder().encode(JSON.stringify([nonce, command, cwd, timeoutSeconds, stdin]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest.slice(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
