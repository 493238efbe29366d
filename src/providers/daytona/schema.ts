/** What we read of Daytona's answers: unknown fields pass, the ones used are checked. */
import * as z from "zod";

export const sandboxSchema = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  // Left out by the document's list of required fields; a sandbox without it is in no state we know.
  state: z.string().default("unknown"),
  desiredState: z.string().nullish(),
  errorReason: z.string().nullish(),
  recoverable: z.boolean().nullish(),
  sandboxClass: z.string().nullish(),
  labels: z
    .record(z.string(), z.string())
    .nullish()
    .transform((labels) => labels ?? {}),
  createdAt: z.string().nullish(),
  updatedAt: z.string().nullish(),
});
export type DaytonaSandbox = z.infer<typeof sandboxSchema>;

export const sandboxPageSchema = z.looseObject({
  items: z.array(sandboxSchema),
  nextCursor: z.string().nullish(),
});

export const commandSchema = z.looseObject({
  id: z.string(),
  exitCode: z.number().nullish(),
});
export type DaytonaCommand = z.infer<typeof commandSchema>;

export const sessionSchema = z.looseObject({
  commands: z
    .array(commandSchema)
    .nullish()
    .transform((commands) => commands ?? []),
});

export const startedCommandSchema = z.looseObject({ cmdId: z.string().min(1) });

/** Older programs in a sandbox answer with one text, in which marks tell the outputs apart. */
export const logsSchema = z.union([
  z.looseObject({
    output: z.string().optional(),
    stdout: z.string().nullish(),
    stderr: z.string().nullish(),
  }),
  z.string(),
  z.undefined().transform(() => ""),
]);
export type DaytonaLogs = z.infer<typeof logsSchema>;

/** For answers of which only the status counts. */
export const ignoredSchema = z.unknown();
