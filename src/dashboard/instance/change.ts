import { z } from "zod";
import { LabelsSchema, NameSchema } from "../../api/instances/create.ts";
import { AppError } from "../../errors.ts";
import type { PatchCommand } from "../../instance/contract.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { ACCESS_MODES } from "../../instance/record.ts";
import { findForPage } from "../../services/instances/inspect.ts";
import { updateInstance } from "../../services/instances/update.ts";
import { type DashboardContext, newPages } from "../route.ts";
import type { DoneCode } from "./done.ts";
import { handleForm, nameOf, seeDone } from "./handle.ts";
import { readForm, type Sent } from "./refusal.ts";

const WEEK_SECONDS = 7 * 24 * 60 * 60;

const AccessFields = z.object({ access: z.enum(ACCESS_MODES, "must be one of the three") });

const SleepFields = z.object({
  idleMinutes: z
    .string()
    .transform((text) => (text.trim() === "" ? null : Math.round(Number(text) * 60)))
    .refine(
      (seconds) => seconds === null || (seconds >= 1 && seconds <= WEEK_SECONDS),
      "must be minutes, up to a week, or empty",
    ),
  wakeAt: z
    .string()
    .regex(/^$|^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/, "must be a date and a time, or empty")
    .transform((text) => (text === "" ? null : Date.parse(`${text}Z`)))
    .refine((time) => time === null || !Number.isNaN(time), "must be a date and a time, or empty"),
  wakeCron: z
    .string()
    .trim()
    .max(100, "is too long")
    .transform((text) => (text === "" ? null : text)),
});

/** What can be changed of an instance while it is what it is. */
export const changePages = newPages()
  .post("/dashboard/instances/:id/name", changing("name", "named", readName))
  .post(
    "/dashboard/instances/:id/access",
    changing("access", "access", (sent) => readForm(AccessFields, sent)),
  )
  .post("/dashboard/instances/:id/sleep", changing("sleep", "sleep", readSleep));

type Read = (sent: Sent) => PatchCommand;

function changing(form: "name" | "access" | "sleep", done: DoneCode, read: Read) {
  return handleForm(form, async (c: DashboardContext, sent) => {
    const { ctx } = c.var;
    const row = await findForPage(ctx, nameOf(c));
    const patch = changesOf(row, read(sent));
    // Saved as it was: nothing happened, so nothing is written down.
    if (Object.keys(patch).length > 0) {
      await updateInstance(ctx, row.id, patch);
    }
    return seeDone(c, row.id, done);
  });
}

function changesOf(row: InstanceRow, patch: PatchCommand): PatchCommand {
  const changed = Object.entries(patch).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(shown(row, key as keyof PatchCommand)),
  );
  return Object.fromEntries(changed);
}

/** A form shows minutes, so that what a program set more exactly is no change. */
function shown(row: InstanceRow, key: keyof PatchCommand): unknown {
  const value = row[key];
  return key === "wakeAt" && typeof value === "number" ? Math.floor(value / 60_000) * 60_000 : value;
}

function readName(sent: Sent): PatchCommand {
  const name = NameSchema.safeParse(sent.name ?? "");
  const labels = LabelsSchema.safeParse(parseLabels(sent.labels ?? ""));
  if (name.success && labels.success) {
    return { name: name.data, labels: labels.data };
  }
  const details = [
    ...(name.success ? [] : [{ field: "name", problem: "It needs a name of at most 100 characters." }]),
    ...(labels.success
      ? []
      : [
          {
            field: "labels",
            problem:
              "One a line, key=value: a key of letters, digits and ._/-, a value of at most 128 characters, at most 32 labels.",
          },
        ]),
  ];
  throw new AppError("invalid_request", "Something is not right with what was sent.", {
    hint: "Nothing was changed.",
    details,
  });
}

function parseLabels(text: string): Record<string, string> {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

function readSleep(sent: Sent): PatchCommand {
  const { idleMinutes, wakeAt, wakeCron } = readForm(SleepFields, sent);
  return { idleTimeoutSeconds: idleMinutes, wakeAt, wakeCron };
}
