import { defineCommand } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { printTraffic } from "../../traffic-table.ts";

const HOUR_MS = 3_600_000;
const UNITS: Record<string, number> = { h: HOUR_MS, d: 24 * HOUR_MS };

export default defineCommand({
  describe: "Show what went through an instance's address, hour by hour",
  details:
    "Requests, WebSockets, errors (5xx), bytes and the time until the agent began to answer. A deleted instance answers by\nits whole id.",
  examples: [
    "gentity compute traffic cl-x7k2m9q4",
    "gentity compute traffic cl-x7k2m9q4 --from 7d --json",
    "gentity compute traffic cl-x7k2m9q4 --from 2026-11-20T08:00:00Z --to 2026-11-20T12:00:00Z",
  ],
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: {
    from: {
      type: "string",
      placeholder: "time",
      describe: "a time, or so long ago (36h, 7d); by default 24h",
    },
    to: { type: "string", placeholder: "time", describe: "a time, or so long ago; by default now" },
  },
  async run({ client, out, signal }, { args, options }) {
    const now = Date.now();
    const window = { from: timeOf("--from", options.from, now), to: timeOf("--to", options.to, now) };
    const traffic = await (await client()).instances.traffic(args.id, window, { signal });
    if (out.json) out.document(traffic);
    else printTraffic(out, traffic);
    return EXIT.ok;
  },
});

function timeOf(option: string, text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ""] = /^(\d+)([hd])$/.exec(text) ?? [];
  const at = count === undefined ? Date.parse(text) : now - Number(count) * (UNITS[unit] ?? 0);
  if (Number.isNaN(at)) {
    throw new CliError(`${option} is a time, or so long ago, such as 36h or 7d; not "${text}".`, {
      exitCode: EXIT.usage,
    });
  }
  return new Date(at).toISOString();
}
