/** The one place that reads Hetzner's error answers. Pure, so that the table of cases beside it is the specification. */
import { scrub } from "../http.ts";
import type { Outcome } from "../provider.ts";

/** A read changed nothing; a write may have taken effect although its answer says or shows otherwise. */
export type Phase = "read" | "write";

export type FailureKind =
  /** The thing asked for is not there. */
  | "absent"
  /** Something has this name already. */
  | "exists"
  /** Cannot be ordered now: another size or place may be. */
  | "no_room"
  | "other";

export type Failed = Exclude<Outcome<never>, { type: "ok" }>;

export interface Failure {
  kind: FailureKind;
  outcome: Failed;
}

export interface VendorAnswer {
  /** 0 when there was no answer: a network error, our own timeout, or nothing that could be read. */
  status: number;
  body: unknown;
  phase: Phase;
  /** When the rate limit lets us in again. */
  rateWaitMs?: number;
  requestId?: string;
  /** What must not appear in a message, should the vendor echo our request. */
  secrets?: readonly string[];
}

const RETRY_MS = 1_000;
/** Something else is being done to the same server, and that takes seconds. */
const LOCKED_MS = 2_000;
const MAINTENANCE_MS = 30_000;

const TOKEN_HINT =
  "Check the Hetzner token: it must be of the right project, with read and write permission.";
const QUOTA_HINT =
  "The Hetzner project is at its limit: delete what is not needed, or ask Hetzner for a higher limit in the console.";
const CAPACITY_HINT = "Hetzner has no room for this now: choose another region or size, or try again later.";
const PROTECTED_HINT = "Take the protection off in the Hetzner console.";

/** Refusals that mean "not orderable now". */
const NO_ROOM = new Set(["resource_unavailable", "placement_error", "no_space_left_in_location"]);
/** Refusals for now: something is under way, or in the way. */
const BUSY = new Set(["locked", "resource_locked", "resource_in_use", "server_not_stopped"]);
const ATTACHED = new Set(["volume_already_attached", "must_be_unassigned", "server_already_attached"]);

export function classify(answer: VendorAnswer): Failure {
  const { status, phase } = answer;
  const { code } = errorOf(answer.body);
  const text = describe(answer);
  if (status === 429 || code === "rate_limit_exceeded") return retry(answer.rateWaitMs ?? RETRY_MS, text);
  if (status === 0 || status === 408 || status >= 500)
    return { kind: "other", outcome: unanswered(phase, text) };
  if (status === 401 || code === "token_readonly") return rejected("unauthorized", text, TOKEN_HINT);
  const known = byCode(code, text);
  if (known !== undefined) return known;
  if (status === 404) return notFound(code, text);
  if (status === 403) return rejected("unauthorized", text, TOKEN_HINT);
  if (status === 409) return retry(RETRY_MS, text);
  if (status === 423) return retry(LOCKED_MS, text);
  return rejected("invalid_spec", text);
}

/** Why an action came to nothing: the same codes, told afterwards. What it was to change has not changed. */
export function classifyAction(command: string, error: { code: string; message: string } | null): Failure {
  const what = error === null ? "without a reason" : `${error.message} (${error.code})`;
  const text = `Hetzner could not do ${command}: ${scrub(what)}`;
  return (error === null ? undefined : byCode(error.code, text)) ?? retry(LOCKED_MS, text);
}

function byCode(code: string, text: string): Failure | undefined {
  if (NO_ROOM.has(code)) return { ...rejected("no_capacity", text, CAPACITY_HINT), kind: "no_room" };
  if (code === "resource_limit_exceeded") return rejected("quota", text, QUOTA_HINT);
  if (code === "uniqueness_error") return { ...rejected("name_taken", text), kind: "exists" };
  if (code === "maintenance") return retry(MAINTENANCE_MS, text);
  if (code === "conflict") return retry(RETRY_MS, text);
  if (BUSY.has(code) || ATTACHED.has(code)) return retry(LOCKED_MS, text);
  if (code === "protected") return rejected("invalid_spec", text, PROTECTED_HINT);
  if (code === "unsupported_error" || code === "deprecated_api_endpoint")
    return rejected("unsupported", text);
  return undefined;
}

/** A path that leads nowhere is a wrong address of ours and no sign that something was deleted. */
function notFound(code: string, text: string): Failure {
  if (code === "not_found" && !/route not found/i.test(text)) {
    return { ...rejected("missing", text), kind: "absent" };
  }
  return rejected("invalid_spec", text, "Check HETZNER_API_URL.");
}

function unanswered(phase: Phase, text: string): Failed {
  return phase === "read"
    ? { type: "retry", afterMs: RETRY_MS, cause: text }
    : { type: "unknown", cause: text };
}

function errorOf(body: unknown): { code: string; message: string; limits: string[] } {
  const nothing = { code: "", message: typeof body === "string" ? body : "", limits: [] };
  if (typeof body !== "object" || body === null) return nothing;
  const { error } = body as { error?: unknown };
  if (typeof error !== "object" || error === null) return nothing;
  const { code, message, details } = error as { code?: unknown; message?: unknown; details?: unknown };
  return {
    code: typeof code === "string" ? code : "",
    message: typeof message === "string" ? message : "",
    limits: namesIn(details, "limits"),
  };
}

/** `details.limits[].name`: which limit it is, is what a person needs to know. */
function namesIn(details: unknown, key: string): string[] {
  const list =
    typeof details === "object" && details !== null ? (details as Record<string, unknown>)[key] : [];
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const name = typeof entry === "object" && entry !== null ? (entry as { name?: unknown }).name : undefined;
    return typeof name === "string" ? [name] : [];
  });
}

function describe(answer: VendorAnswer): string {
  const { code, message, limits } = errorOf(answer.body);
  const words = [message, code === "" ? "" : `(${code})`, limits.length === 0 ? "" : `[${limits.join(", ")}]`]
    .filter((part) => part !== "")
    .join(" ");
  const what = answer.status === 0 ? "No usable answer from Hetzner" : `Hetzner answered ${answer.status}`;
  const id = answer.requestId === undefined ? "" : ` (correlation id ${answer.requestId})`;
  return `${what}${words === "" ? "" : `: ${scrub(words, answer.secrets)}`}${id}`;
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
