/**
 * The one place that reads Daytona's error answers. Its platform tells what went wrong by message text alone; the program
 * in a sandbox has codes for some. Pure, so that the table of cases beside it is the specification.
 */
import { scrub } from "../http.ts";
import type { Outcome } from "../provider.ts";

/** A read changed nothing; a write may have taken effect although its answer says or shows otherwise. */
export type Phase = "read" | "write";

export type FailureKind =
  /** 404: there is no such sandbox. */
  | "absent"
  /** 404 or 410: the sandbox is there, and what was asked for in it is not. */
  | "inner_absent"
  /** 409: a sandbox has this name already. */
  | "exists"
  /** The sandbox is not started, so there is nobody in it to answer. */
  | "not_started"
  /** Not in a state for what was asked, and not on its way either. */
  | "wrong_state"
  | "other";

export type Failed = Exclude<Outcome<never>, { type: "ok" }>;

export interface Failure {
  kind: FailureKind;
  outcome: Failed;
}

export interface VendorAnswer {
  /** 0 when there was no answer: a network error or our own timeout. */
  status: number;
  body: unknown;
  phase: Phase;
  retryAfterMs?: number;
  /** What must not appear in a message, should the vendor echo our request. */
  secrets?: readonly string[];
}

const RETRY_MS = 1_000;

const SMALLER_HINT =
  "Choose a smaller size: Daytona gives one sandbox at most 4 processors, 8 GB and 10 GB of disk.";
const QUOTA_HINT = "Delete what is not needed, or raise the organization's tier at Daytona.";
const ROOM_HINT = "Daytona has no room now: choose another region or a smaller size, or try later.";

export function classify(answer: VendorAnswer): Failure {
  const { status, phase } = answer;
  const words = vendorText(answer.body);
  const text = describe(answer, words);
  if (status === 0 || status >= 500) return { kind: "other", outcome: unanswered(phase, text) };
  if (status === 404 || status === 410) return lost(answer, words, text);
  if (status === 408) return { kind: "other", outcome: unanswered(phase, text) };
  if (status === 429) return retry(answer.retryAfterMs ?? RETRY_MS, text);
  if (status === 409) return conflict(words, text);
  if (/no available runners|no capacity/i.test(words)) return rejected("no_capacity", text, ROOM_HINT);
  if (/exceeds maximum allowed per sandbox/i.test(words)) return rejected("invalid_spec", text, SMALLER_HINT);
  if (/limit exceeded|\bquota\b|organization is suspended|maximum number of/i.test(words)) {
    return rejected("quota", text, QUOTA_HINT);
  }
  if (status === 402)
    return rejected("quota", text, "Daytona asks for payment: look at the organization's billing.");
  if (status === 401) return rejected("unauthorized", text, "Check the Daytona API key.");
  if (status === 403) return forbidden(words, text);
  return byState(words, text) ?? rejected("invalid_spec", text);
}

/** `Retry-After-{throttler}` in seconds, under whatever throttler; the plain header too. */
export function parseRetryAfter(headers: Iterable<[string, string]>): number | undefined {
  const waits = [...headers]
    .filter(([name]) => /^retry-after(-|$)/i.test(name))
    .map(([, value]) => Number(value) * 1000)
    .filter((ms) => Number.isFinite(ms) && ms >= 0);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

function describe(answer: VendorAnswer, words: string): string {
  const what = answer.status === 0 ? "No usable answer from Daytona" : `Daytona answered ${answer.status}`;
  return words === "" ? what : `${what}: ${scrub(words, answer.secrets)}`;
}

function vendorText(body: unknown): string {
  if (typeof body === "string") return body;
  if (typeof body !== "object" || body === null) return "";
  const { message, error } = body as { message?: unknown; error?: unknown };
  // A request that fails the vendor's checks is answered with a list.
  if (Array.isArray(message)) return message.filter((part) => typeof part === "string").join("; ");
  if (typeof message === "string" && message !== "") return message;
  return typeof error === "string" ? error : "";
}

function unanswered(phase: Phase, text: string): Failed {
  return phase === "read"
    ? { type: "retry", afterMs: RETRY_MS, cause: text }
    : { type: "unknown", cause: text };
}

/**
 * That a sandbox is gone is believed only if the vendor says so in its own form. A wrong address answers 404 as well, and
 * to take that for absence would end in a second sandbox, or in one that bills on behind a "deleted" instance.
 */
function lost({ body }: VendorAnswer, words: string, text: string): Failure {
  const isVendors = typeof body === "object" && body !== null && "statusCode" in body;
  if (isVendors && /\bsandbox\b.*\bnot found\b/is.test(words)) {
    return { ...rejected("missing", text), kind: "absent" };
  }
  if (isVendors && !/^cannot (get|post|put|delete) /i.test(words)) {
    return { ...rejected("missing", text), kind: "inner_absent" };
  }
  return retry(
    10_000,
    `${text}: this is not how Daytona says that something is missing; check DAYTONA_API_URL and DAYTONA_TOOLBOX_URL`,
  );
}

/** Otherwise somebody else is at it, or it is on its way: wait it out. */
function conflict(words: string, text: string): Failure {
  return /already exists/i.test(words)
    ? { ...rejected("name_taken", text), kind: "exists" }
    : retry(RETRY_MS, text);
}

function forbidden(words: string, text: string): Failure {
  if (/\bregion\b/i.test(words)) {
    return rejected("invalid_spec", text, "Choose a region that the Daytona organization may use.");
  }
  return rejected("unauthorized", text, "Check what the Daytona API key may do.");
}

function byState(words: string, text: string): Failure | undefined {
  if (/is the sandbox started|sandbox is not (running|started)/i.test(words)) {
    const failure = rejected("not_running", text, "Start the instance, then run the command again.");
    return { ...failure, kind: "not_started" };
  }
  if (/pausing is not supported|cannot be paused|does not support paus/i.test(words)) {
    return rejected("unsupported", text);
  }
  if (/not in (a )?valid state|sandbox is not stopped|state change in progress/i.test(words)) {
    return { ...retry(RETRY_MS, text), kind: "wrong_state" };
  }
  return undefined;
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
