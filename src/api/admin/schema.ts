import { z } from "@hono/zod-openapi";
import type { AccountRow } from "../../services/operator/create-account.ts";
import { isoTime } from "../instances/schema.ts";

export const BudgetActionSchema = z.enum(["warn", "suspend", "refuse"]).openapi({
  description:
    "`warn` tells; `refuse` also lets nothing be created or started; `suspend` also puts to sleep what runs.",
});

/** An account as the operator sees it: what it may use. What it does use is in its own `GET /api/account`. */
export const AdminAccountSchema = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    createdAt: z.iso.datetime(),
    suspendedAt: z.iso.datetime().nullable(),
    quota: z.object({ instances: z.int(), memoryMb: z.int(), execConcurrency: z.int() }),
    budget: z.object({ limitMicros: z.int(), action: BudgetActionSchema }).nullable(),
  })
  .openapi("AdminAccount");

export function toAdminAccount(row: AccountRow): z.infer<typeof AdminAccountSchema> {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    createdAt: isoTime(row.createdAt),
    suspendedAt: row.suspendedAt === null ? null : isoTime(row.suspendedAt),
    quota: {
      instances: row.maxInstances,
      memoryMb: row.maxMemoryMb,
      execConcurrency: row.maxExecConcurrency,
    },
    budget:
      row.monthlyBudgetMicros === null
        ? null
        : { limitMicros: row.monthlyBudgetMicros, action: row.budgetAction },
  };
}
