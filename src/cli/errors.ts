import { ApiError, ConnectionError, RateLimitError } from "../sdk/index.ts";
import { EXIT } from "./exit-codes.ts";
import { isLoopback } from "./loopback.ts";

/** A failure the command line itself found. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: number;
  /** Commands or steps that help, one a line. */
  readonly next: readonly string[];

  constructor(message: string, options: { exitCode?: number; next?: readonly string[] } = {}) {
    super(message);
    this.exitCode = options.exitCode ?? EXIT.failure;
    this.next = options.next ?? [];
  }
}

/** The person said stop. */
export class CancelledError extends CliError {
  constructor(message = "Cancelled.", next: readonly string[] = []) {
    super(message, { exitCode: EXIT.cancelled, next });
  }
}

/** A failure as it is shown, whatever it was. */
export interface Failure {
  message: string;
  exitCode: number;
  code: string | null;
  requestId: string | null;
  /** Candidates, invalid fields, the current state. */
  facts: string[];
  next: readonly string[];
}

/** What to tell about anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) {
    const { message, exitCode, next } = error;
    return { message, exitCode, code: null, requestId: null, facts: [], next };
  }
  if (error instanceof ApiError) {
    return {
      message: error.message,
      exitCode: exitCodeOf(error),
      code: error.code,
      requestId: error.requestId,
      facts: error.details.map(factOf).filter((fact) => fact !== ""),
      next: nextSteps(error),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message, exitCode: EXIT.failure, code: null, requestId: null, facts: [], next: [] };
}

const BY_STATUS: Record<number, number> = {
  401: EXIT.unauthorized,
  403: EXIT.unauthorized,
  404: EXIT.notFound,
  409: EXIT.conflict,
};

/** Says more than the status, and inside a stream only the code is left to tell by. */
const BY_CODE: Record<string, number> = {
  // A token that was taken; what it asks for is too much.
  quota_exceeded: EXIT.failure,
  budget_exceeded: EXIT.failure,
  unauthorized: EXIT.unauthorized,
  forbidden: EXIT.unauthorized,
  not_found: EXIT.notFound,
  invalid_state: EXIT.conflict,
  ambiguous: EXIT.conflict,
};

function exitCodeOf(error: ApiError): number {
  if (error instanceof ConnectionError) return EXIT.unreachable;
  return BY_CODE[error.code] ?? BY_STATUS[error.status] ?? EXIT.failure;
}

function nextSteps(error: ApiError): string[] {
  if (error instanceof ConnectionError) return [connectionStep(error)];
  if (error.hint !== null) return [error.hint];
  switch (exitCodeOf(error)) {
    case EXIT.unauthorized:
      return ["Log in with: gentity login"];
    case EXIT.notFound:
      return ["See what there is: gentity compute list"];
    case EXIT.conflict:
      return error.code === "ambiguous" ? ["Use the full id: gentity compute list"] : [];
  }
  if (error instanceof RateLimitError && error.retryAfterSeconds !== null) {
    return [`Try again in ${Math.ceil(error.retryAfterSeconds)} s.`];
  }
  return [];
}

function connectionStep(error: ConnectionError): string {
  if (!URL.canParse(error.url)) return "Check the address: gentity help environment";
  const { hostname, origin } = new URL(error.url);
  if (isLoopback(hostname)) return "The local stack is not running; start it with: npm start";
  return `Check your network, and that ${origin} is the right address (--api-url, GENTITY_API_URL).`;
}

/** One line for an entry of `details`, whose shape depends on the code. */
function factOf(detail: unknown): string {
  if (typeof detail === "string") return detail;
  if (typeof detail !== "object" || detail === null) return "";
  return Object.entries(detail)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
}
