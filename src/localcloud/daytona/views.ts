import { createHash } from "node:crypto";
import type { SandboxRecord } from "./records.ts";

export const ORGANIZATION = "00000000-0000-4000-8000-000000000001";

export function digestOf(dockerfile: string): string {
  return createHash("sha256").update(dockerfile).digest("hex");
}

/** A sandbox as the vendor writes it. Asked for one by one, it shows its environment too. */
export function sandboxView(record: SandboxRecord, toolboxUrl: string) {
  return { ...itemView(record, toolboxUrl), env: record.env, ...buildInfo(record) };
}

function buildInfo({ dockerfile, createdAt }: SandboxRecord) {
  if (dockerfile === undefined) return {};
  return {
    buildInfo: {
      dockerfileContent: dockerfile,
      createdAt,
      updatedAt: createdAt,
      snapshotRef: `daytona-${digestOf(dockerfile)}:daytona`,
    },
  };
}

/** One of a list. */
export function itemView(record: SandboxRecord, toolboxUrl: string) {
  const { errorReason, snapshot, networkAllowList } = record;
  return {
    id: record.id,
    organizationId: ORGANIZATION,
    name: record.name,
    target: record.target,
    runnerId: "local",
    sandboxClass: record.sandboxClass,
    state: record.state,
    desiredState: record.desiredState,
    ...(snapshot === undefined ? {} : { snapshot }),
    user: record.user,
    ...(errorReason === undefined ? {} : { errorReason, recoverable: false }),
    public: record.public,
    networkBlockAll: record.networkBlockAll,
    ...(networkAllowList === undefined ? {} : { networkAllowList }),
    cpu: record.cpu,
    gpu: 0,
    memory: record.memory,
    disk: record.disk,
    labels: record.labels,
    backupState: "None" as const,
    autoStopInterval: record.autoStopInterval,
    autoPauseInterval: 0,
    autoArchiveInterval: record.autoArchiveInterval,
    autoDeleteInterval: record.autoDeleteInterval,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    lastActivityAt: record.lastActivityAt,
    toolboxProxyUrl: toolboxUrl,
  };
}
