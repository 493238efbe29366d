import type { z } from "zod";
import { AppError } from "../../errors.ts";

/** The forms of an instance's page. */
export type FormName =
  | "act"
  | "name"
  | "access"
  | "sleep"
  | "hold"
  | "address"
  | "clone"
  | "transfer"
  | "delete";

/** Why a form was not carried out, and what it was sent with; nothing secret is kept of that. */
export interface Refusal {
  form: FormName;
  message: string;
  hint?: string;
  status: number;
  /** What is wrong with single fields. */
  mistakes: Record<string, string>;
  values: Record<string, string>;
}

/** Fields that are never shown again. */
const SECRET = ["apiKey", "formToken"];

export type Sent = Readonly<Record<string, string>>;

/** What was sent, as texts. */
export function sentBy(body: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}

export function refusalOf(form: FormName, sent: Sent, error: AppError): Refusal {
  return {
    form,
    message: error.message,
    hint: error.hint,
    status: error.status,
    mistakes: mistakesOf(error),
    values: Object.fromEntries(Object.entries(sent).filter(([name]) => !SECRET.includes(name))),
  };
}

function mistakesOf({ details = [] }: AppError): Record<string, string> {
  const found = details.flatMap((detail) => {
    const { field, problem } = detail as { field?: unknown; problem?: unknown };
    return typeof field === "string" && typeof problem === "string" ? [[field, problem] as const] : [];
  });
  return Object.fromEntries(found);
}

/** A form's fields as they should be. @throws invalid_request with what is wrong with each. */
export function readForm<T>(schema: z.ZodType<T>, sent: Sent): T {
  const parsed = schema.safeParse(sent);
  if (parsed.success) {
    return parsed.data;
  }
  const details = parsed.error.issues.map(({ path, message }) => ({
    field: String(path[0] ?? ""),
    problem: message,
  }));
  throw new AppError("invalid_request", "Something is not right with what was sent.", {
    hint: "Nothing was changed.",
    details,
  });
}
