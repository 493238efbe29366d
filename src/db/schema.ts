import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { MachineSpec, ProviderName } from "../providers/provider.ts";

/** The tables of `migrations/`; times are epoch milliseconds. Indexes and triggers live in the migrations alone. */

export const accounts = sqliteTable("accounts", {
  id: text("id").primaryKey(),
  email: text("email").notNull(),
  name: text("name"),
  createdAt: integer("created_at").notNull(),
  maxInstances: integer("max_instances").notNull().default(20),
  maxMemoryMb: integer("max_memory_mb").notNull().default(65_536),
  maxExecConcurrency: integer("max_exec_concurrency").notNull().default(50),
  monthlyBudgetMicros: integer("monthly_budget_micros"),
  budgetAction: text("budget_action").$type<"warn" | "suspend" | "refuse">().notNull().default("warn"),
  suspendedAt: integer("suspended_at"),
});

export const tokens = sqliteTable("tokens", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  name: text("name").notNull(),
  prefix: text("prefix").notNull(),
  hash: text("hash").notNull(),
  createdAt: integer("created_at").notNull(),
  lastUsedAt: integer("last_used_at"),
  revokedAt: integer("revoked_at"),
  createdBy: text("created_by"),
});

export const instances = sqliteTable("instances", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  subdomain: text("subdomain").notNull(),
  name: text("name").notNull(),
  agentType: text("agent_type").notNull(),
  release: text("release").notNull(),
  image: text("image").notNull(),
  modelProvider: text("model_provider").notNull(),
  modelName: text("model_name").notNull(),
  provider: text("provider").$type<ProviderName>().notNull(),
  region: text("region").notNull(),
  spec: text("spec", { mode: "json" }).$type<MachineSpec>().notNull(),
  exposure: text("exposure").$type<"public" | "private">().notNull(),
  workspaceId: text("workspace_id"),
  access: text("access").$type<"link" | "token" | "signed">().notNull(),
  idleTimeoutSeconds: integer("idle_timeout_seconds"),
  wakeAt: integer("wake_at"),
  wakeCron: text("wake_cron"),
  labels: text("labels", { mode: "json" }).$type<Record<string, string>>().notNull(),
  state: text("state").notNull(),
  stateSince: integer("state_since").notNull(),
  problem: text("problem", { mode: "json" }).$type<{ code: string; message: string; hint?: string }>(),
  progress: text("progress"),
  lastSuspend: text("last_suspend", { mode: "json" }).$type<{
    at: number;
    outcome: string;
    reason?: string;
  }>(),
  place: text("place"),
  machine: text("machine"),
  notices: text("notices", { mode: "json" })
    .$type<{ code: string; message: string; hint: string }[]>()
    .notNull()
    .default([]),
  generation: integer("generation").notNull(),
  version: integer("version").notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
  deletedAt: integer("deleted_at"),
});

export const subdomains = sqliteTable("subdomains", {
  name: text("name").primaryKey(),
  instanceId: text("instance_id").notNull(),
  reservedAt: integer("reserved_at").notNull(),
});

export const transfers = sqliteTable("transfers", {
  id: text("id").primaryKey(),
  instanceId: text("instance_id").notNull(),
  instanceName: text("instance_name").notNull(),
  agentType: text("agent_type").notNull(),
  fromAccount: text("from_account").notNull(),
  receiver: text("receiver").notNull(),
  toAccount: text("to_account"),
  state: text("state").$type<"offered" | "accepted" | "declined" | "cancelled" | "expired">().notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  decidedAt: integer("decided_at"),
});

export const periods = sqliteTable(
  "periods",
  {
    instanceId: text("instance_id").notNull(),
    seq: integer("seq").notNull(),
    accountId: text("account_id").notNull(),
    state: text("state").notNull(),
    meter: text("meter").notNull(),
    spec: text("spec", { mode: "json" }).$type<MachineSpec>().notNull(),
    startedAt: integer("started_at").notNull(),
    endedAt: integer("ended_at"),
    generation: integer("generation").notNull(),
    reason: text("reason").notNull(),
    actor: text("actor").notNull(),
  },
  (table) => [primaryKey({ columns: [table.instanceId, table.seq] })],
);

export const auditEvents = sqliteTable("audit_events", {
  position: integer("position").primaryKey(),
  id: text("id").notNull(),
  accountId: text("account_id").notNull(),
  instanceId: text("instance_id"),
  actor: text("actor").notNull(),
  action: text("action").notNull(),
  target: text("target").notNull(),
  at: integer("at").notNull(),
  requestId: text("request_id"),
  detail: text("detail", { mode: "json" }).$type<Record<string, unknown>>(),
  chain: text("chain").notNull(),
  seq: integer("seq").notNull(),
  prevHash: text("prev_hash").notNull(),
  hash: text("hash").notNull(),
});

export const auditHeads = sqliteTable("audit_heads", {
  position: integer("position").primaryKey(),
  chain: text("chain").notNull(),
  accountId: text("account_id").notNull(),
  seq: integer("seq").notNull(),
  hash: text("hash").notNull(),
  signedAt: integer("signed_at").notNull(),
  jws: text("jws").notNull(),
});

export const auditSigning = sqliteTable("audit_signing", {
  id: integer("id").primaryKey(),
  done: integer("done").notNull(),
  until: integer("until").notNull(),
});

export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    accountId: text("account_id").notNull(),
    key: text("key").notNull(),
    requestHash: text("request_hash").notNull(),
    resourceId: text("resource_id").notNull(),
    createdAt: integer("created_at").notNull(),
    leaseUntil: integer("lease_until").notNull(),
    status: integer("status"),
    sealedAnswer: text("sealed_answer"),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.key] })],
);
