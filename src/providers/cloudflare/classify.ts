/** The one place that reads Cloudflare's error answers. Pure, so that the table of cases beside it is the specification. */
import { scrub } from "../http.ts";
import type { Outcome } from "../provider.ts";
import type { CloudflareError } from "./schema.ts";

/** A read changed nothing; a write may have taken effect although its answer says or shows otherwise. */
export type Phase = "read" | "write";

export type FailureKind =
  /** The thing asked for is not there. */
  | "absent"
  /** Something has this name already: a tunnel, or a record. */
  | "exists"
  /** A tunnel with live connections is not deleted. */
  | "connected"
  | "other";

export type Failed = Exclude<Outcome<never>, { type: "ok" }>;

export interface Failure {
  kind: FailureKind;
  outcome: Failed;
}

export interface VendorAnswer {
  /** 0 when there was no answer: a network error, our own timeout, or nothing that could be read. */
  status: number;
  errors: readonly CloudflareError[];
  /** In place of errors: why there are none. */
  reason?: string;
  phase: Phase;
  retryAfterMs?: number;
  /** Cloudflare's name for this request. */
  rayId?: string;
  /** What must not appear in a message, should the vendor echo our request. */
  secrets?: readonly string[];
}

const RETRY_MS = 1_000;
/** Who asks too often is refused everything for five minutes; where it does not say until when, asking soon costs nothing. */
const RATE_LIMIT_MS = 30_000;
const CONNECTED_MS = 2_000;

const CODE = {
  unauthorized: [1000, 6003, 6111, 9103, 9106, 9109, 10000],
  tunnelExists: [1013],
  tunnelConnected: [1022],
  /** An A, AAAA or CNAME record, a CNAME, an identical one, an identical one. */
  recordExists: [81053, 81054, 81057, 81058],
  recordAbsent: [81044],
  recordQuota: [81045],
  /** The path leads nowhere: an account or zone that this token does not see, never a sign that something was deleted. */
  unroutable: [7000, 7003],
} as const;

const TOKEN_HINT =
  "Check the Cloudflare token: it needs Cloudflare Tunnel: Edit on the account and DNS: Edit on the zone.";
const IDS_HINT = "Check the ids of the Cloudflare account and zone, and that the token covers both.";
const QUOTA_HINT =
  "The Cloudflare account is full: delete tunnels or DNS records that are not needed, or ask for a higher limit.";

export function classify(answer: VendorAnswer): Failure {
  const { status, phase } = answer;
  const text = describe(answer);
  const has = (codes: readonly number[]) => answer.errors.some(({ code }) => codes.includes(code ?? -1));
  if (status === 0 || status === 408 || status >= 500) return other(unanswered(phase, text));
  if (status === 429) return other(retry(answer.retryAfterMs ?? RATE_LIMIT_MS, text));
  if (has(CODE.tunnelExists) || has(CODE.recordExists)) {
    return { kind: "exists", outcome: rejected("name_taken", text) };
  }
  if (has(CODE.tunnelConnected)) return { kind: "connected", outcome: retry(CONNECTED_MS, text) };
  if (has(CODE.recordQuota) || isQuota(text)) return other(rejected("quota", text, QUOTA_HINT));
  if (has(CODE.unroutable)) return other(rejected("invalid_spec", text, IDS_HINT));
  if (has(CODE.recordAbsent) || status === 404) return { kind: "absent", outcome: rejected("missing", text) };
  if (status === 401 || status === 403 || has(CODE.unauthorized)) {
    return other(rejected("unauthorized", text, TOKEN_HINT));
  }
  // Without a code of its own: a race between two of us.
  if (status === 409) return other(retry(RETRY_MS, text));
  return other(rejected("invalid_spec", text));
}

/** The code for too many tunnels is not documented; the words are what remains. */
function isQuota(text: string): boolean {
  return /\bquota\b|(maximum|limit)[^.]*\b(tunnels?|records?)\b|\b(tunnels?|records?)\b[^.]*\b(limit|maximum)\b/i.test(
    text,
  );
}

function describe(answer: VendorAnswer): string {
  const words =
    answer.reason ??
    answer.errors
      .map(({ code, message }) => (code === undefined ? message : `${message} (${code})`))
      .join("; ");
  const what =
    answer.status === 0 ? "No usable answer from Cloudflare" : `Cloudflare answered ${answer.status}`;
  const id = answer.rayId === undefined ? "" : ` (cf-ray ${answer.rayId})`;
  return `${what}${words === "" ? "" : `: ${scrub(words, answer.secrets)}`}${id}`;
}

function unanswered(phase: Phase, text: string): Failed {
  return phase === "read" ? retry(RETRY_MS, text) : { type: "unknown", cause: text };
}

function retry(afterMs: number, cause: string): Failed {
  return { type: "retry", afterMs, cause };
}

function other(outcome: Failed): Failure {
  return { kind: "other", outcome };
}

export function rejected(
  code: Extract<Failed, { type: "rejected" }>["code"],
  message: string,
  hint?: string,
): Failed {
  return hint === undefined ? { type: "rejected", code, message } : { type: "rejected", code, message, hint };
}

/** Refused for a name that nobody has: it is just being made, or just being deleted. */
export function elusive(name: string): Failed {
  return { type: "retry", afterMs: 1_000, cause: `Cloudflare has ${name} already, and does not list it yet` };
}
