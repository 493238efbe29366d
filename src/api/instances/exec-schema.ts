import { z } from "@hono/zod-openapi";
import type { Command } from "../../services/instances/exec.ts";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MAX_TIMEOUT_SECONDS = 24 * 60 * 60;

/** What every way to run a command takes. */
export const EXEC_FIELDS = {
  command: z
    .union([z.string().min(1).max(65_536), z.array(z.string().max(65_536)).min(1).max(256)])
    .openapi({ description: "A list is passed on exactly; a string goes to `sh -c`." }),
  cwd: z.string().min(1).max(4_096).optional(),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be a variable's name"),
      z.string().max(32_768),
    )
    .optional(),
  stdin: z.string().optional(),
  stdinBase64: z
    .string()
    .regex(BASE64, "must be base64")
    .optional()
    .openapi({ description: "Standard input as bytes." }),
  timeoutSeconds: z
    .number()
    .positive()
    .max(MAX_TIMEOUT_SECONDS)
    .optional()
    .openapi({ description: "60 unless given; detached: none." }),
  detach: z.boolean().default(false),
};

export const ONE_STDIN = "give `stdin` or `stdinBase64`, not both";

export function hasOneStdin(body: { stdin?: string; stdinBase64?: string }): boolean {
  return body.stdin === undefined || body.stdinBase64 === undefined;
}

export const ExecBody = z.strictObject(EXEC_FIELDS).refine(hasOneStdin, ONE_STDIN).openapi("Exec");

export const ExecResultSchema = z
  .object({
    exitCode: z.int(),
    signal: z.string().nullable(),
    stdout: z.string(),
    stderr: z.string(),
    durationMs: z.int(),
    timedOut: z.boolean(),
    truncated: z.boolean(),
    substrate: z.string(),
  })
  .openapi("ExecResult");

/** What a body asks to run. A detached command has no time limit unless it was given one. */
export function toCommand(body: z.infer<typeof ExecBody>): Command {
  const stdin = body.stdinBase64 === undefined ? encode(body.stdin) : decodeBase64(body.stdinBase64);
  return {
    argv: typeof body.command === "string" ? ["sh", "-c", body.command] : body.command,
    cwd: body.cwd,
    env: body.env,
    stdin,
    timeoutSeconds: body.timeoutSeconds,
  };
}

function encode(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** In slices, since an argument list has its limits. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let from = 0; from < bytes.length; from += 8_192) {
    binary += String.fromCharCode(...bytes.subarray(from, from + 8_192));
  }
  return btoa(binary);
}
