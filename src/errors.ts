/** The one table of error codes: statuses, OpenAPI responses, SDK and docs all derive from it. */
export const ERRORS = {
  invalid_json: { status: 400, description: "The body is not JSON." },
  invalid_request: { status: 400, description: "A field is missing, unknown, or of the wrong type." },
  unknown_agent: { status: 400, description: "No such agent in the catalog." },
  model_not_accepted: { status: 400, description: "The agent does not take models of that provider." },
  invalid_api_key: { status: 400, description: "The model key is missing or cannot be one." },
  unknown_region: { status: 400, description: "No such region." },
  invalid_size: { status: 400, description: "The size is out of the vendor's bounds." },
  invalid_release: { status: 400, description: "No instance could be made of the release." },
  unauthorized: { status: 401, description: "The token is missing, malformed, unknown or revoked." },
  account_suspended: { status: 403, description: "The operator has suspended the account." },
  // 403 and not 429: no waiting helps, only room or another limit, so no client is to try again by itself.
  quota_exceeded: { status: 403, description: "The account's quota does not allow another." },
  budget_exceeded: { status: 403, description: "The account's compute budget of this month is spent." },
  forbidden: { status: 403, description: "The role, or where the request comes from, does not allow this." },
  not_found: { status: 404, description: "No such resource in this account." },
  method_not_allowed: { status: 405, description: "The path exists, but not with this method." },
  release_exists: { status: 409, description: "The agent has a release of this name." },
  account_exists: { status: 409, description: "There is an account with this email." },
  already_enrolled: { status: 409, description: "Another host has enrolled for this instance." },
  ambiguous: { status: 409, description: "The prefix matches several instances." },
  invalid_state: { status: 409, description: "The instance's state does not allow this." },
  idempotency_conflict: { status: 409, description: "The Idempotency-Key was used with another request." },
  idempotency_in_progress: {
    status: 409,
    description: "The first request with this Idempotency-Key still runs.",
  },
  payload_too_large: { status: 413, description: "The body is too large." },
  too_many_execs: { status: 429, description: "The account runs as many commands as it may." },
  rate_limited: { status: 429, description: "Too many requests." },
  internal: { status: 500, description: "Something went wrong on our side." },
  vendor_failed: { status: 502, description: "The vendor refused or failed." },
  not_configured: { status: 503, description: "No provider is configured for this." },
  vendor_unavailable: { status: 503, description: "The vendor cannot be reached at the moment." },
} as const satisfies Record<string, { status: number; description: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorOptions {
  hint?: string;
  details?: unknown[];
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** A failure that a person can do something about. Its message and hint are shown to them as they are. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: unknown[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** The body of every error on the wire. */
export interface ErrorBody {
  error: string;
  code: ErrorCode;
  requestId: string;
  hint?: string;
  details?: unknown[];
}

export function errorBody(error: AppError, requestId: string): ErrorBody {
  return {
    error: error.message,
    code: error.code,
    requestId,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.details === undefined ? {} : { details: error.details }),
  };
}
