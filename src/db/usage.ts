import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The tables of `migrations/0003_usage.sql`; times are epoch milliseconds, `day` is a UTC midnight. */

export const usageDaily = sqliteTable(
  "usage_daily",
  {
    accountId: text("account_id").notNull(),
    day: integer("day").notNull(),
    instanceId: text("instance_id").notNull(),
    runningMs: integer("running_ms").notNull(),
    pausedMs: integer("paused_ms").notNull(),
    volumeGbMs: integer("volume_gb_ms").notNull(),
    costMicros: integer("cost_micros").notNull(),
    rateCard: text("rate_card").notNull(),
    countedTo: integer("counted_to").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.day, table.instanceId] })],
);

export const usageDue = sqliteTable("usage_due", {
  instanceId: text("instance_id").primaryKey(),
  since: integer("since").notNull(),
});

export const usageRuns = sqliteTable("usage_runs", {
  asOf: integer("as_of").primaryKey(),
  finishedAt: integer("finished_at"),
  instances: integer("instances").notNull(),
});

export const reconciliationFindings = sqliteTable(
  "reconciliation_findings",
  {
    provider: text("provider").notNull(),
    instanceId: text("instance_id").notNull(),
    kind: text("kind").notNull(),
    firstSeenAt: integer("first_seen_at").notNull(),
    lastSeenAt: integer("last_seen_at").notNull(),
    resolvedAt: integer("resolved_at"),
    detail: text("detail", { mode: "json" }).$type<{ ours: string; vendors: string }>().notNull(),
    auditedAt: integer("audited_at"),
    actedAt: integer("acted_at"),
  },
  (table) => [primaryKey({ columns: [table.provider, table.instanceId, table.kind, table.firstSeenAt] })],
);

export const sweepRuns = sqliteTable("sweep_runs", {
  provider: text("provider").primaryKey(),
  at: integer("at").notNull(),
  machines: integer("machines").notNull(),
  instances: integer("instances").notNull(),
  findings: integer("findings").notNull(),
  failure: text("failure"),
  limits: text("limits", { mode: "json" }).$type<{ name: string; used: number; limit: number }[]>().notNull(),
});
