/** A status this version does not know yet still type-checks: servers learn new ones before clients do. */
export type Open<T extends string> = T | (string & {});

/** The state of an instance. */
export type InstanceStatus = Open<
  | "creating"
  | "running"
  | "stopping"
  | "stopped"
  | "starting"
  | "suspending"
  | "suspended"
  | "error"
  | "deleting"
  | "deleted"
>;

/** What may be asked of an instance. */
export type InstanceAction = "start" | "stop" | "restart" | "suspend" | "resume";

/** Who may open an instance's URL: whoever has it, who shows a token of its account, or they and who has a signed link. */
export type InstanceAccess = Open<"link" | "token" | "signed">;

/** The size of the machine behind an instance. */
export interface InstanceSpec {
  cpuKind: string;
  cpus: number;
  memoryMb: number;
  volumeGb: number;
}

/** One running copy of an agent. Times are RFC 3339 in UTC. */
export interface Instance {
  id: string;
  name: string;
  subdomain: string;
  agentType: string;
  modelProvider: string;
  modelName: string;
  status: InstanceStatus;
  errorMessage: string | null;
  createdAt: string;
  updatedAt: string;
  url?: string | null;
  provider?: string;
  region?: string;
  spec?: InstanceSpec;
  image?: { ref: string; release: string; outdated: boolean; latestRelease: string | null };
  exposure?: string;
  workspaceId?: string | null;
  access?: InstanceAccess;
  idleTimeoutSeconds?: number | null;
  /** Why it is awake, and when it is suspended next if nothing more happens; `null` while nothing would. */
  awake?: { reason: string; until: string | null } | null;
  wakeAt?: string | null;
  wakeCron?: string | null;
  labels?: Record<string, string>;
  statusSince?: string;
  generation?: number;
  /** How the last suspend went: a machine that could not be frozen was stopped. */
  lastSuspend?: { at: string; outcome: Open<"suspended" | "stopped">; reason?: string } | null;
  /** What to do about `errorMessage`. */
  hint?: string | null;
  /** What is being done at the moment. */
  progress?: string | null;
  /** What its owner should know although nothing failed. */
  notices?: { code: string; message: string; hint: string }[];
}

/** What a new instance should be. */
export interface CreateInstanceInput {
  /** An agent of the catalog, such as `claude-code`. */
  agentType: string;
  modelProvider: string;
  modelName: string;
  /** The customer's own key for the model's provider. */
  apiKey: string;
  name?: string;
  region?: string;
  /** Which vendor to rent the machine from; the deployment's default otherwise. */
  provider?: string;
  spec?: Partial<InstanceSpec>;
  env?: Record<string, string>;
  labels?: Record<string, string>;
  access?: InstanceAccess;
  idleTimeoutSeconds?: number | null;
}

/** What may differ in a clone. */
export interface CloneInstanceInput {
  name?: string;
  /** Absent: the source's own. */
  apiKey?: string;
  /** Begin with a copy of the source's volume. */
  copyData?: boolean;
}

/** The answer to a create. */
export interface CreatedInstance {
  id: string;
  subdomain: string;
  status: InstanceStatus;
  url?: string | null;
  /** Why it failed, when `status` is `error`. */
  errorMessage?: string | null;
  hint?: string | null;
}

/** A URL that opens an instance of access `signed` until it expires. */
export interface SignedLink {
  url: string;
  expiresAt: string;
}

/** What may be changed on an existing instance. */
export interface UpdateInstanceInput {
  name?: string;
  labels?: Record<string, string>;
  access?: InstanceAccess;
  idleTimeoutSeconds?: number | null;
  /** Wakes it once, then, where it is suspended; one that was stopped stays stopped. */
  wakeAt?: string | null;
  /** Wakes it whenever this says: five fields of cron, in UTC. */
  wakeCron?: string | null;
}

/** Which instances to list. */
export interface ListInstancesFilter {
  status?: InstanceStatus;
  agentType?: string;
  /** `key` or `key=value`. */
  label?: string;
  /** `public` unless given: bodies are `private`. */
  exposure?: "public" | "private" | "all";
  limit?: number;
  cursor?: string;
}

/** One change of state, from a watch. */
export interface StatusChange {
  status: InstanceStatus;
  since: string | null;
  reason: string | null;
  errorMessage: string | null;
  generation: number | null;
}

/** A stretch of time in one state: half-open, never edited once closed. */
export interface Period {
  state: InstanceStatus;
  /** `running`: compute and volume are paid for; `paused`: the volume. */
  meter: Open<"none" | "paused" | "running">;
  startedAt: string;
  /** `null` while it is the current one. */
  endedAt: string | null;
  generation: number;
  reason: string;
  actor: string;
  spec: InstanceSpec;
}

/** A one-time pass for the terminal. */
export interface TerminalTicket {
  ticket: string;
  /** The WebSocket URL to open, ticket included. */
  url: string;
  expiresAt: string;
}

/** One line an instance logged. */
export interface LogLine {
  timestamp: string;
  level: string | null;
  message: string;
  instance: string | null;
  region: string | null;
}

/** A model an agent is known to work with. */
export interface CatalogModel {
  provider: string;
  name: string;
  label: string;
}

/** A template in the catalog. */
export interface Agent {
  id: string;
  name: string;
  description: string;
  defaultCpus: number;
  defaultMemoryMb: number;
  defaultVolumeGb: number;
  models: CatalogModel[];
  /** `unverified`: by a tag, which its owner can move. */
  image?: { ref: string; verification: Open<"digest" | "unverified"> };
  release?: string;
  dataPath?: string;
  port?: number;
  regions?: string[];
}

/** An API token, without its secret. */
export interface Token {
  id: string;
  name: string;
  /** The first characters, to recognise it by. */
  prefix: string;
  createdAt: string;
  lastUsedAt: string | null;
}

/** What happens when a month's compute budget is spent. */
export type BudgetAction = Open<"warn" | "suspend" | "refuse">;

/** How much of something is used, and how much may be. */
export interface UsedQuota {
  used: number;
  limit: number;
}

/** The compute budget of this calendar month (UTC), in micro-dollars. */
export interface Budget {
  limitMicros: number;
  spentMicros: number;
  leftMicros: number;
  estimated: true;
  action: BudgetAction;
}

/** An instance that goes, or went, from one account to another. */
export interface Transfer {
  id: string;
  instanceId: string;
  instanceName: string;
  agentType: string;
  direction: Open<"outgoing" | "incoming">;
  /** The address of who offers. */
  from: string;
  /** As it was named: an account's id, or its address. */
  to: string;
  state: Open<"offered" | "accepted" | "declined" | "cancelled" | "expired">;
  createdAt: string;
  expiresAt: string;
  decidedAt: string | null;
}

/** The tenant that everything belongs to. */
export interface Account {
  id: string;
  email: string;
  name: string | null;
  /** Failed and deleting instances hold none of it. */
  quota?: { instances: UsedQuota; memoryMb: UsedQuota; execConcurrency: UsedQuota };
  /** `null`: there is none. */
  budget?: Budget | null;
}

/** Something that was done. */
export interface AuditEvent {
  id: string;
  /** The instance's id, or the account's for what is not an instance's own. */
  chain: string;
  /** Its place in the chain, from 1. */
  seq: number;
  prevHash: string;
  hash: string;
  accountId: string;
  instanceId: string | null;
  /** `token:tok_…`, `user:…`, `system:…`. */
  actor: string;
  /** `instance.stop`, `token.create`, … */
  action: string;
  target: string;
  at: string;
  requestId: string | null;
  /** What was before and after, without secrets; depends on the action. */
  detail: Record<string, unknown> | null;
}

/** The end of a chain at a time, signed by the operator. */
export interface AuditHead {
  chain: string;
  accountId: string;
  seq: number;
  hash: string;
  signedAt: string;
  /** A compact JWS (EdDSA) of chain, accountId, seq, hash and at. */
  jws: string;
}

/** How much was used. The cost is an estimate by the vendor's list prices; nothing is debited. */
export interface UsageTotal {
  /** While the machine was started, to the millisecond. */
  runningSeconds: number;
  /** While only the volume was held. */
  pausedSeconds: number;
  volumeGbSeconds: number;
  /** Millionths of a US dollar. */
  costMicros: number;
  estimated: true;
}

/** Usage of a day, of an instance, or of an instance on a day. */
export interface Usage extends UsageTotal {
  /** A UTC day such as `2026-11-20`; `null` when grouped by instance alone. */
  day: string | null;
  /** `null` when grouped by day alone. */
  instanceId: string | null;
  /** `null` once the instance is no longer the account's. */
  name: string | null;
  /** The days are over, and nothing came in late. */
  final: boolean;
  /** How far a single row's day has been counted. */
  countedTo: string | null;
  /** Something came in late; the next run counts it again. */
  reopened: boolean;
}

/** A vendor's list prices as of a date, by which costs are estimated. */
export interface RateCard {
  version: string;
  provider: string;
  effectiveFrom: string;
  source: string;
  retrieved: string;
  doubtful: string[];
  excluded: string[];
  /** A machine that is off costs what it costs when it runs. */
  billsWhileOff: boolean;
}

/** Which usage to read. Days are UTC, both ends included. */
export interface UsageFilter {
  from?: string;
  to?: string;
  groupBy?: "day" | "instance" | "instance-day";
  /** A whole id, also of an instance that was deleted or handed on. */
  instance?: string;
  limit?: number;
  cursor?: string;
}

/** One page of usage, with what is true of all of it. */
export interface UsagePage {
  usage: Usage[];
  /** Of everything that matches, not of this page alone. */
  total: UsageTotal;
  /** Everything that was known at this moment has been counted up to it. */
  countedTo: string | null;
  rateCards: RateCard[];
  nextCursor: string | null;
}

/** A period as usage is made of it. */
export interface MeteredPeriod extends Pick<Period, "state" | "meter" | "spec" | "startedAt" | "endedAt"> {
  instanceId: string;
  seq: number;
  /** Of a period that was never closed: where the one that followed it begins. */
  supersededAt: string | null;
}
