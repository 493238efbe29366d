/**
 * The one place that reads Fly's error answers, message text included: their `status` field is new and often "unknown",
 * so text is what remains. Pure, so that the table of cases beside it is the specification.
 */
import { scrub } from "../http.ts";
import type { Outcome } from "../provider.ts";

/** A read changed nothing; a write may have taken effect although its answer says or shows otherwise. */
export type Phase = "read" | "write";

/** Two calls whose refusals mean something of their own. */
export type Operation = "exec" | "suspend" | "other";

export type FailureKind =
  /** 404: this path leads nowhere. Whether the thing or the app around it is missing, the caller must find out. */
  | "absent"
  /** 409: a live machine has this name already. */
  | "exists"
  /** The global name of an app is taken. */
  | "taken"
  /** 403: on an app's path, the name belongs to another organization. */
  | "forbidden"
  /** 408: not reached in the time given. */
  | "deadline"
  | "other";

export type Failed = Exclude<Outcome<never>, { type: "ok" }>;

export interface Failure {
  kind: FailureKind;
  outcome: Failed;
  /** With `exists`: who has the name, where the vendor tells. */
  machineId?: string;
}

export interface VendorAnswer {
  /** 0 when there was no answer: a network error or our own timeout. */
  status: number;
  body: unknown;
  phase: Phase;
  operation?: Operation;
  retryAfterMs?: number;
  requestId?: string;
  /** What must not appear in a message, should the vendor echo our request. */
  secrets?: readonly string[];
}

const RETRY_MS = 1_000;
/** A lease is held for as long as somebody works on the machine; looking more often than this only burns rate limit. */
const LEASE_RETRY_MS = 3_000;

const REGION_HINT = "The region has no room now: choose another region or a smaller size, or try later.";
const HOST_HINT =
  "The host that holds this volume has no room for the machine: choose a smaller size, or another region with a new volume.";

export function classify(answer: VendorAnswer): Failure {
  const { status, phase } = answer;
  const text = describe(answer);
  const label = vendorStatus(answer.body);
  if (status === 0 || status >= 500) return { kind: "other", outcome: unanswered(phase, text) };
  if (status === 403) {
    return { ...rejected("unauthorized", text, "Check what the Fly token may do."), kind: "forbidden" };
  }
  if (status === 401) return rejected("unauthorized", text, "Check the Fly token and its organization.");
  if (status === 402)
    return rejected("quota", text, "Fly asks for payment: look at the organization's billing page.");
  if (status === 404) return { ...rejected("missing", text), kind: "absent" };
  if (status === 408) return deadline(answer, text);
  if (status === 429) return retry(answer.retryAfterMs ?? RETRY_MS, text);
  const capacity = capacityHint(status, label, text);
  if (capacity !== undefined) return rejected("no_capacity", text, capacity);
  if (answer.operation === "suspend" && cannotSuspend(status, text)) return rejected("unsupported", text);
  if (status === 409) return conflict(text, label, answer.retryAfterMs);
  if (status === 412) return precondition(answer, text);
  if (label === "name_taken" || isNameTaken(text)) return { ...rejected("name_taken", text), kind: "taken" };
  if (/\bquota\b|limit (reached|exceeded)|exceeds? .*limit|maximum number of/i.test(text)) {
    return rejected(
      "quota",
      text,
      "Ask Fly to raise the organization's limit, or delete what is not needed.",
    );
  }
  return rejected("invalid_spec", text);
}

function describe(answer: VendorAnswer): string {
  const words = vendorText(answer.body);
  const what = answer.status === 0 ? "No usable answer from Fly" : `Fly answered ${answer.status}`;
  const id = answer.requestId === undefined ? "" : ` (fly-request-id ${answer.requestId})`;
  return `${what}${words === "" ? "" : `: ${scrub(words, answer.secrets)}`}${id}`;
}

function vendorText(body: unknown): string {
  if (typeof body === "string") return body;
  if (typeof body !== "object" || body === null) return "";
  const { error, message } = body as { error?: unknown; message?: unknown };
  if (typeof error === "string" && error !== "") return error;
  return typeof message === "string" ? message : "";
}

function vendorStatus(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  const { status } = body as { status?: unknown };
  return typeof status === "string" ? status : "";
}

function unanswered(phase: Phase, text: string): Failed {
  return phase === "read"
    ? { type: "retry", afterMs: RETRY_MS, cause: text }
    : { type: "unknown", cause: text };
}

/** A deadline of `exec` says nothing about the command: it may still run. */
function deadline(answer: VendorAnswer, text: string): Failure {
  return { kind: "deadline", outcome: unanswered(answer.phase, text) };
}

/** What the person can do about it, or undefined when room is not the problem. */
function capacityHint(status: number, label: string, text: string): string | undefined {
  if (label === "insufficient_capacity" || /could not find a candidate host/i.test(text)) return REGION_HINT;
  if (label === "volume_placement_capacity") return HOST_HINT;
  if (status !== 409 && status !== 412 && status !== 422) return undefined;
  if (/\bno capacity\b/i.test(text)) return REGION_HINT;
  if (/could not reserve resource|insufficient (resources|cpus|memory|ips)/i.test(text)) return HOST_HINT;
  return undefined;
}

function cannotSuspend(status: number, text: string): boolean {
  if (status !== 400 && status !== 412 && status !== 422) return false;
  return /swap|memory|schedule|gpu|not supported|unsupported|cannot be suspended|can't be suspended|not eligible/i.test(
    text,
  );
}

function conflict(text: string, label: string, retryAfterMs: number | undefined): Failure {
  const holder = /machine ID (\w+) already exists with name/i.exec(text)?.[1];
  if (/already_exists|unique machine name violation/i.test(text)) {
    const failure: Failure = { ...rejected("name_taken", text), kind: "exists" };
    return holder === undefined ? failure : { ...failure, machineId: holder };
  }
  if (label === "name_taken" || isNameTaken(text)) return { ...rejected("name_taken", text), kind: "taken" };
  if (/lease currently held/i.test(text)) return retry(retryAfterMs ?? LEASE_RETRY_MS, text);
  return retry(retryAfterMs ?? RETRY_MS, text);
}

function isNameTaken(text: string): boolean {
  return /name has already been taken|name is already taken|uniqueness constraint/i.test(text);
}

/** The machine or volume is not in a state for this *yet* (replacing, stopping, still bound): wait it out. */
function precondition(answer: VendorAnswer, text: string): Failure {
  if (answer.operation === "exec")
    return rejected("not_running", text, "Start the instance, then run the command again.");
  return retry(answer.retryAfterMs ?? RETRY_MS, text);
}

function retry(afterMs: number, cause: string): Failure {
  return { kind: "other", outcome: { type: "retry", afterMs, cause } };
}

function rejected(
  code: Extract<Failed, { type: "rejected" }>["code"],
  message: string,
  hint?: string,
): Failure {
  const outcome: Failed = { type: "rejected", code, message };
  return { kind: "other", outcome: hint === undefined ? outcome : { ...outcome, hint } };
}
