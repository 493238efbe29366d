/**
 * The public surface of the SDK; everything else in this folder may change.
 *
 * @module
 */

export type * from "./admin-types.ts";
export type { PublicKey } from "./audit/heads.ts";
export { type AuditFinding, type ChainReport, verifyChains } from "./audit/verify.ts";
export { GentityClient } from "./client.ts";
export { ApiError, ConnectionError, NotFoundError, RateLimitError } from "./errors.ts";
export { type ModelProvider, modelProviderOf } from "./model-provider.ts";
export { collect, type Page } from "./pagination.ts";
export type {
  AdminInstancesFilter,
  CreateAccountInput,
  ReleaseInput,
  UpdateAccountInput,
} from "./resources/admin.ts";
export type { AuditReport, ListAuditFilter } from "./resources/audit.ts";
export type {
  EnsureBodyInput,
  Fleet,
  FleetMachine,
  RunEvent,
  RunInput,
  RunResult,
} from "./resources/bodies.ts";
export type { DetachedExec, ExecEnd, ExecEvent, ExecInput, ExecResult } from "./resources/exec.ts";
export type { CreatedToken } from "./resources/tokens.ts";
export type { WaitOptions, WaitOutcome } from "./resources/wait.ts";
export { type SseEvent, SseParser } from "./sse.ts";
export type * from "./traffic-types.ts";
export type { Call, ClientOptions, RequestOptions } from "./transport.ts";
export type * from "./types.ts";
export {
  type UsageCheck,
  type UsageMs,
  type UsageVerification,
  type VerifyInput,
  verifyUsage,
} from "./verify-usage.ts";
