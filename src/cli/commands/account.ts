import type { Account } from "../../sdk/index.ts";
import { defineCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { dollars } from "../money.ts";
import type { Output } from "../output.ts";
import type { Style } from "../style.ts";
import { renderFields } from "../table.ts";
import { plain } from "../text.ts";

const BAR_WIDTH = 20;
/** From here on a limit is worth a colour. */
const NEARLY = 0.8;

export default defineCommand({
  describe: "Show the account, what it may use, and how much is left",
  async run({ client, out, signal }) {
    const account = await (await client()).account.get({ signal });
    if (out.json) out.document(account);
    else for (const line of renderFields(fieldsOf(account, out), out.style.dim)) out.line(line);
    return EXIT.ok;
  },
});

function fieldsOf(
  { id, email, name, quota, budget }: Account,
  out: Output,
): [string, string | null | undefined][] {
  const count = (used: number, limit: number, unit = "") =>
    withBar(used, limit, `${used} of ${limit}${unit}, ${Math.max(0, limit - used)}${unit} left`, out);
  const money = budget && {
    text: `${dollars(budget.spentMicros)} of ${dollars(budget.limitMicros)} this month (estimated)`,
    left: `${dollars(budget.leftMicros)} left; then ${WHEN_SPENT[budget.action] ?? budget.action}`,
  };
  return [
    ["id", id],
    ["email", plain(email)],
    ["name", name && plain(name)],
    ["instances", quota && count(quota.instances.used, quota.instances.limit)],
    ["memory", quota && count(quota.memoryMb.used, quota.memoryMb.limit, " MB")],
    ["commands", quota && count(quota.execConcurrency.used, quota.execConcurrency.limit)],
    [
      "budget",
      budget && money && withBar(budget.spentMicros, budget.limitMicros, `${money.text}, ${money.left}`, out),
    ],
  ];
}

const WHEN_SPENT: Record<string, string> = {
  warn: "it is told, and goes on",
  refuse: "nothing starts any more",
  suspend: "what runs is suspended",
};

/** With a bar in front where a person is looking. */
function withBar(used: number, limit: number, text: string, { stdout, style }: Output): string {
  return stdout.isTTY ? `${bar(limit === 0 ? 1 : used / limit, style)}  ${text}` : text;
}

export function bar(share: number, style: Style): string {
  const full = Math.min(BAR_WIDTH, Math.max(0, Math.round(share * BAR_WIDTH)));
  const paint = share >= 1 ? style.red : share >= NEARLY ? style.yellow : style.green;
  return `${paint("█".repeat(full))}${style.dim("░".repeat(BAR_WIDTH - full))}`;
}
