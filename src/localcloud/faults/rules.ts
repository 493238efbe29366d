/** Faults that can be ordered, so that the programs that use the cloud can be seen to survive them. */
import { nanoid } from "nanoid";
import * as z from "zod";

export const ruleSchema = z.strictObject({
  match: z
    .strictObject({
      method: z.string().optional(),
      /** A prefix, or a regular expression when it begins with `^`. */
      path: z.string().optional(),
      app: z.string().optional(),
      /** How many requests it strikes; absent: until it is taken away. */
      count: z.int().positive().optional(),
    })
    .default({}),
  kind: z.enum([
    "latency",
    "rate_limit",
    "error_before",
    "error_after",
    "timeout_before",
    "timeout_after",
    "lost_answer",
    "capacity",
    "unknown_state",
    "vanish",
    "stuck",
  ]),
  status: z.int().min(400).max(599).optional(),
  body: z.unknown().optional(),
  ms: z.int().nonnegative().optional(),
});

export type Rule = z.infer<typeof ruleSchema>;

export interface ActiveRule extends Rule {
  id: string;
  struck: number;
}

export class FaultRules {
  private rules: ActiveRule[] = [];

  add(rule: Rule): ActiveRule {
    const active = { ...rule, id: nanoid(), struck: 0 };
    this.rules.push(active);
    return active;
  }

  list(): ActiveRule[] {
    return [...this.rules];
  }

  remove(id: string): boolean {
    const before = this.rules.length;
    this.rules = this.rules.filter((rule) => rule.id !== id);
    return this.rules.length < before;
  }

  clear(): void {
    this.rules = [];
  }

  /** The first rule that strikes this request; it counts as struck. */
  strike(method: string, path: string): ActiveRule | undefined {
    const rule = this.rules.find((candidate) => matches(candidate, method, path));
    if (rule) rule.struck += 1;
    return rule;
  }
}

function matches({ match, struck }: ActiveRule, method: string, path: string): boolean {
  if (match.count !== undefined && struck >= match.count) return false;
  if (match.method && match.method.toUpperCase() !== method) return false;
  if (match.app && path.split("/")[3] !== match.app) return false;
  if (!match.path) return true;
  return match.path.startsWith("^") ? new RegExp(match.path).test(path) : path.startsWith(match.path);
}
