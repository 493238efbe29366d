import { sql } from "drizzle-orm";
import { findAgent } from "../../catalog/catalog.ts";
import { instances, subdomains } from "../../db/schema.ts";
import { AppError } from "../../errors.ts";
import { newSubdomain } from "../../ids.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import type { Ctx } from "../context.ts";

/** A name is taken once in a hundred million tries; after a few something else is wrong. */
const TRIES = 5;

/** A name that nobody has or gets, for an instance that moves. One that is never moved to stays taken, which costs a row. */
export async function reserveSubdomain(
  ctx: Pick<Ctx, "db" | "now">,
  { id, agentType, subdomain }: Pick<InstanceRow, "id" | "agentType" | "subdomain">,
): Promise<string> {
  const prefix = findAgent(agentType)?.prefix ?? subdomain.split("-")[0] ?? "in";
  for (let tries = 0; tries < TRIES; tries++) {
    const name = newSubdomain(prefix);
    const isFree = sql`NOT EXISTS (SELECT 1 FROM ${instances} WHERE ${instances.subdomain} = ${name})`;
    const [taken] = await ctx.db
      .insert(subdomains)
      .select(sql`SELECT ${name}, ${id}, ${ctx.now} WHERE ${isFree}`)
      .onConflictDoNothing()
      .returning({ name: subdomains.name });
    if (taken) {
      return taken.name;
    }
  }
  throw new AppError("internal", "No free name was found.");
}
