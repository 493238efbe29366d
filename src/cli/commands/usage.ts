import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { collect, type GentityClient, type UsageCheck, type UsageFilter } from "../../sdk/index.ts";
import { defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import { printUsage } from "../usage-table.ts";

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

export default defineCommand({
  describe: "Show what was used, by day or instance, and its estimated cost",
  details:
    "Days are UTC and both ends are included; by default the last thirty. Costs are estimates by the vendor's list\nprices; nothing is debited. --verify recomputes every row here from the public periods.",
  examples: [
    "gentity usage --by instance",
    "gentity usage --from 2026-11-01 --csv",
    "gentity usage --verify",
  ],
  options: {
    from: { type: "string", placeholder: "day", describe: "the first day" },
    to: { type: "string", placeholder: "day", describe: "the last day" },
    by: { type: "string", placeholder: "day|instance", describe: "how to sum up; by default by day" },
    instance: { type: "string", placeholder: "id", describe: "of this instance alone, by its whole id" },
    csv: { type: "flag", describe: "answer in CSV" },
    verify: { type: "flag", describe: "recompute from periods; exit code 1 on any difference" },
  },
  async run(context, { options }) {
    const { by = "day", from, to, instance } = options;
    if (by !== "day" && by !== "instance") {
      throw new CliError(`--by is day or instance, not "${by}".`, { exitCode: EXIT.usage });
    }
    const client = await context.client();
    if (options.verify) return verify(context, client, { from, to, instance });
    const filter: UsageFilter = { from, to, instance, groupBy: by };
    if (options.csv) return csv(context, client, filter);
    const [first, usage] = await Promise.all([
      client.usage.get({ ...filter, limit: 1 }, { signal: context.signal }),
      collect(client.usage.all(filter, { signal: context.signal })),
    ]);
    const answer = { ...first, usage };
    if (context.out.json) {
      const { nextCursor: _, ...document } = answer;
      context.out.document(document);
    } else printUsage(context.out, answer);
    return EXIT.ok;
  },
});

async function csv({ out, signal }: Context, client: GentityClient, filter: UsageFilter): Promise<number> {
  const response = await client.usage.csv(filter, { signal, timeoutMs: null });
  if (response.body) {
    for await (const chunk of Readable.fromWeb(response.body as ReadableStream)) out.stdout.write(chunk);
  }
  return EXIT.ok;
}

async function verify(
  { out, signal }: Context,
  client: GentityClient,
  filter: { from?: string; to?: string; instance?: string },
): Promise<number> {
  const to = filter.to ?? dayOf(Date.now());
  const from = filter.from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  const result = await client.usage.verify({ ...filter, from, to }, { signal });
  if (out.json) out.document(result);
  else {
    for (const check of result.checks) out.line(lineOf(check));
    for (const { instanceId, startedAt, supersededAt } of result.neverClosed) {
      out.line(
        `OPEN  ${instanceId}  a period since ${startedAt} was never closed; another began ${supersededAt}`,
      );
    }
    const late = result.checks.filter((check) => !check.ok && check.reopened).length;
    const wrong = result.checks.filter((check) => !check.ok).length - late;
    const verdict = wrong === 0 ? "all match" : `${wrong} differ`;
    const waiting = late === 0 ? "" : `; ${late} to be counted again by the next run`;
    out.note(`${result.checks.length} rows from ${from} to ${to}: ${verdict}${waiting}.`);
  }
  return result.ok ? EXIT.ok : EXIT.failure;
}

function lineOf({ day, instanceId, ok, recorded, recomputed, difference, reopened }: UsageCheck): string {
  if (ok) return `ok    ${day}  ${instanceId}`;
  const parts = (["runningMs", "pausedMs", "volumeGbMs"] as const)
    .filter((key) => difference[key] !== 0)
    .map(
      (key) => `${key} ${signed(difference[key])} (recorded ${recorded[key]}, recomputed ${recomputed[key]})`,
    );
  return `${reopened ? "late" : "DIFF"}  ${day}  ${instanceId}  ${parts.join(", ")}`;
}

function signed(ms: number): string {
  return ms > 0 ? `+${ms}` : String(ms);
}

function dayOf(epochMs: number): string {
  return Number.isNaN(epochMs) ? "" : new Date(epochMs).toISOString().slice(0, 10);
}
