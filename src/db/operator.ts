import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { RecipeTemplate } from "../catalog/agent.ts";

/** Releases that the operator published; those that ship with the code are in `src/catalog`. Append-only. */
export const releases = sqliteTable("releases", {
  seq: integer("seq").primaryKey({ autoIncrement: true }),
  agentId: text("agent_id").notNull(),
  release: text("release").notNull(),
  repository: text("repository").notNull(),
  tag: text("tag").notNull(),
  digest: text("digest").notNull(),
  recipe: text("recipe", { mode: "json" }).$type<RecipeTemplate>().notNull(),
  publishedAt: integer("published_at").notNull(),
  publishedBy: text("published_by").notNull(),
});
