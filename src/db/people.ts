import type { Role } from "../auth/roles.ts";

export type { Role } from "../auth/roles.ts";

import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who signs in: the tables of `migrations/0011_people.sql`. */

export const people = sqliteTable("people", {
  id: text("id").primaryKey(),
  issuer: text("issuer").notNull(),
  subject: text("subject").notNull(),
  email: text("email").notNull(),
  name: text("name"),
  createdAt: integer("created_at").notNull(),
});

export const members = sqliteTable(
  "members",
  {
    accountId: text("account_id").notNull(),
    personId: text("person_id").notNull(),
    role: text("role").$type<Role>().notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.personId] })],
);

export const invitations = sqliteTable("invitations", {
  id: text("id").primaryKey(),
  accountId: text("account_id").notNull(),
  email: text("email").notNull(),
  role: text("role").$type<Role>().notNull(),
  hash: text("hash").notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  acceptedBy: text("accepted_by"),
  endedAt: integer("ended_at"),
  invitedBy: text("invited_by"),
});

export const sessions = sqliteTable("sessions", {
  id: text("id").primaryKey(),
  personId: text("person_id").notNull(),
  accountId: text("account_id").notNull(),
  hash: text("hash").notNull(),
  userAgent: text("user_agent").notNull(),
  createdAt: integer("created_at").notNull(),
  lastSeenAt: integer("last_seen_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  endedAt: integer("ended_at"),
});
