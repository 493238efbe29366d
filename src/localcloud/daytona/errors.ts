/** Every refusal the API can give, with the vendor's status and wording. Marked [?] where the vendor's own is not known. */
import { STATUS_CODES } from "node:http";

export class DaytonaError extends Error {
  readonly http: number;
  /** The toolbox names some of its refusals. */
  readonly code: string | undefined;

  constructor(http: number, message: string, code?: string) {
    super(message);
    this.http = http;
    this.code = code;
  }
}

/** The platform's envelope. */
export function errorBody(path: string, status: number, message: string): object {
  return {
    path,
    timestamp: new Date().toISOString(),
    statusCode: status,
    error: STATUS_CODES[status] ?? "Error",
    message,
  };
}

/** The toolbox's, which a program in the sandbox writes. */
export function toolboxErrorBody(
  { path, method }: { path: string; method: string },
  { http, message, code }: Pick<DaytonaError, "http" | "message" | "code">,
): object {
  const timestamp = new Date().toISOString();
  return {
    statusCode: http,
    message,
    ...(code === undefined ? {} : { code }),
    timestamp,
    path,
    method,
    source: "daemon",
  };
}

export const unauthorized = () => new DaytonaError(401, "Invalid credentials");
export const sandboxNotFound = (idOrName: string) =>
  new DaytonaError(404, `Sandbox with ID or name ${idOrName} not found`);
export const nameTaken = (name: string) => new DaytonaError(409, `Sandbox with name ${name} already exists`);
export const changeInProgress = () => new DaytonaError(409, "Sandbox state change in progress");
export const invalidState = () => new DaytonaError(400, "Sandbox is not in valid state");
export const notStarted = () => new DaytonaError(400, "Sandbox is not started");
/** [?] The documentation names the classes that can; the wording of the refusal is ours. */
export const cannotPause = (sandboxClass: string) =>
  new DaytonaError(400, `Pausing is not supported for sandbox class ${sandboxClass}`);
/** [?] The wording is ours. */
export const regionUnavailable = (region: string) =>
  new DaytonaError(403, `Region ${region} is not available to the organization`);
export const invalid = (message: string) => new DaytonaError(400, message);
export const notFound = (method: string, path: string) => new DaytonaError(404, `Cannot ${method} ${path}`);
export const noRunners = () => new DaytonaError(400, "No available runners");
export const rateLimited = () => new DaytonaError(429, "ThrottlerException: Too Many Requests");

const PER_SANDBOX =
  "Need higher resource limits per-sandbox? Contact us at support@daytona.io and let us know about your use case.";
const UPGRADE = "To increase concurrency limits, upgrade your organization's Tier by visiting the dashboard.";

export const sandboxTooBig = (what: string, asked: string, most: string) =>
  new DaytonaError(
    400,
    `${what} request ${asked} exceeds maximum allowed per sandbox (${most}).\n${PER_SANDBOX}`,
  );
export const quotaExceeded = (what: string, most: string) =>
  new DaytonaError(400, `Total ${what} limit exceeded. Maximum allowed: ${most}.\n${UPGRADE}`);

// ── The toolbox ─────────────────────────────────────────────────────────────────────────────────────────────────────────
/** The proxy's answer for a sandbox that is not up. */
export const notReachable = () =>
  new DaytonaError(400, "failed to get runner info: no IP address found. Is the Sandbox started?");
export const executionTimeout = () =>
  new DaytonaError(408, "command execution timeout", "PROCESS_EXECUTION_TIMEOUT");
export const sessionExists = () => new DaytonaError(409, "session already exists", "CONFLICT");
export const sessionNotFound = () => new DaytonaError(404, "session not found", "PROCESS_NOT_FOUND");
export const commandNotFound = () => new DaytonaError(404, "command not found", "PROCESS_NOT_FOUND");
export const sessionEnded = () => new DaytonaError(410, "session has ended", "SESSION_ENDED");
export const sandboxLost = () =>
  new DaytonaError(500, "the connection to the sandbox was lost", "INTERNAL_SERVER_ERROR");
