import { newAuditId } from "../ids.ts";
import type { Actor } from "./actor.ts";
import { formatActor } from "./actor.ts";

/** What an audit event may be called: `{entity}.{verb}`, a closed set. */
export type AuditAction =
  | "instance.create"
  | "instance.start"
  | "instance.stop"
  | "instance.restart"
  | "instance.suspend"
  | "instance.resume"
  | "instance.update"
  | "instance.hold"
  | "instance.wake_missed"
  | "instance.delete"
  | "instance.rotate_url"
  | "transfer.offer"
  | "transfer.accept"
  | "transfer.decline"
  | "transfer.cancel"
  | "transfer.expire"
  | "instance.state"
  | "instance.create_interrupted"
  | "instance.exec"
  | "instance.terminal"
  | "instance.link"
  | "host.enrol"
  | "host.enrol_refused"
  | "account.create"
  | "account.update"
  | "release.publish"
  | "sweep.finding"
  | "sweep.destroy"
  | "token.create"
  | "token.revoke"
  | "session.open"
  | "session.end"
  | "member.join"
  | "member.change"
  | "member.leave"
  | "invitation.create"
  | "invitation.cancel"
  | "invitation.decline";

export interface AuditEntry {
  id: string;
  accountId: string;
  instanceId: string | null;
  actor: string;
  action: AuditAction;
  target: string;
  at: number;
  requestId: string | null;
  detail: Record<string, unknown> | null;
}

export function auditEntry(entry: {
  accountId: string;
  instanceId?: string;
  actor: Actor;
  action: AuditAction;
  target: string;
  at: number;
  requestId?: string;
  detail?: Record<string, unknown>;
}): AuditEntry {
  return {
    id: newAuditId(),
    accountId: entry.accountId,
    instanceId: entry.instanceId ?? null,
    actor: formatActor(entry.actor),
    action: entry.action,
    target: entry.target,
    at: entry.at,
    requestId: entry.requestId ?? null,
    detail: entry.detail ?? null,
  };
}
