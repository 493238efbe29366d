/** What only the operator sees. */
import type { BudgetAction, Instance } from "./types.ts";

/** An account as the operator sees it. */
export interface AdminAccount {
  id: string;
  email: string;
  name: string | null;
  createdAt: string;
  suspendedAt: string | null;
  quota: { instances: number; memoryMb: number; execConcurrency: number };
  budget: { limitMicros: number; action: BudgetAction } | null;
}

/** An instance with the account it belongs to. */
export interface AdminInstance extends Instance {
  accountId: string;
}

/** A release as it was published. */
export interface PublishedRelease {
  agentId: string;
  release: string;
  /** `repository@sha256:…` */
  image: string;
  publishedAt: string;
}

/** What looks at the vendors' own lists brought up. */
export interface Sweep {
  /** The last look at each provider; `failure` says why a list could not be read. */
  runs: {
    provider: string;
    at: string;
    machines: number;
    instances: number;
    findings: number;
    failure: string | null;
    /** How much is taken of what the vendor allows, where it tells. */
    limits: { name: string; used: number; limit: number }[];
  }[];
  findings: {
    provider: string;
    instanceId: string;
    /** `orphan`, `vanished`, `running_but_not_counted`, … */
    kind: string;
    ours: string;
    vendors: string;
    firstSeenAt: string;
    lastSeenAt: string;
    /** `null` while it is still so. */
    resolvedAt: string | null;
    /** When what is left of a deleted instance began to be destroyed. */
    actedAt: string | null;
  }[];
}
