/** What an error answer carries, besides its sentence. */
export interface ApiErrorFields {
  /** HTTP status; 0 when no answer arrived. */
  status: number;
  /** Machine-readable code such as `not_found`; stable, unlike the message. */
  code: string;
  /** Id of the request, to quote to the operator. */
  requestId?: string | null;
  /** What to do about it, in a sentence. */
  hint?: string | null;
  /** Further facts: invalid fields, candidates, the current state. */
  details?: readonly unknown[];
}

/**
 * The error of every failed call. Branch on `code`; `message` is for people.
 *
 * @example
 * try { await client.instances.stop(id) }
 * catch (error) { if (error instanceof ApiError && error.code === "invalid_state") … }
 */
export class ApiError extends Error {
  override readonly name: string = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly hint: string | null;
  readonly details: readonly unknown[];

  constructor(message: string, fields: ApiErrorFields, options?: ErrorOptions) {
    super(message, options);
    this.status = fields.status;
    this.code = fields.code;
    this.requestId = fields.requestId ?? null;
    this.hint = fields.hint ?? null;
    this.details = fields.details ?? [];
  }
}

/** No such thing in this account. */
export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
}

/** Too many requests, and retrying inside the call did not help. */
export class RateLimitError extends ApiError {
  override readonly name = "RateLimitError";
  /** Seconds the server asked to wait, where it said so. */
  readonly retryAfterSeconds: number | null;

  constructor(message: string, fields: ApiErrorFields & { retryAfterSeconds: number | null }) {
    super(message, fields);
    this.retryAfterSeconds = fields.retryAfterSeconds;
  }
}

/** No answer: refused, reset, unresolvable, cut off or timed out. `code` says which where it is known. */
export class ConnectionError extends ApiError {
  override readonly name = "ConnectionError";
  /** The URL that could not be reached. */
  readonly url: string;

  constructor(message: string, fields: { code: string; url: string }, options?: ErrorOptions) {
    super(message, { status: 0, code: fields.code }, options);
    this.url = fields.url;
  }
}

/** The error for an HTTP answer whose status is not 2xx. */
export async function errorFromResponse(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  return errorFromBody(parseObject(text), {
    status: response.status,
    requestId: response.headers.get("x-request-id"),
    retryAfterSeconds: retryAfterSeconds(response.headers.get("retry-after"), Date.now()),
  });
}

/** The error for an `event: error` inside a stream, whose HTTP status was 200 long ago. */
export function errorFromEvent(data: string): ApiError {
  const body = parseObject(data);
  const status = typeof body?.status === "number" ? body.status : 500;
  return errorFromBody(body, { status, requestId: null, retryAfterSeconds: null });
}

/** Seconds from a `Retry-After` header: a number or an HTTP date. */
export function retryAfterSeconds(header: string | null, now: number): number | null {
  if (header === null || header.trim() === "") return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}

interface AnswerFacts {
  status: number;
  requestId: string | null;
  retryAfterSeconds: number | null;
}

function errorFromBody(body: Record<string, unknown> | null, facts: AnswerFacts): ApiError {
  const message = textOf(body?.error) ?? `The server answered ${facts.status} without an explanation.`;
  const fields = {
    status: facts.status,
    code: textOf(body?.code) ?? `http_${facts.status}`,
    requestId: textOf(body?.requestId) ?? facts.requestId,
    hint: textOf(body?.hint),
    details: Array.isArray(body?.details) ? body.details : [],
  };
  if (facts.status === 404) return new NotFoundError(message, fields);
  if (facts.status === 429) {
    return new RateLimitError(message, { ...fields, retryAfterSeconds: facts.retryAfterSeconds });
  }
  return new ApiError(message, fields);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A proxy in between may answer HTML; then there is no body to read fields from. */
function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
