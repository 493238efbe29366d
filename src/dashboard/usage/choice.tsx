import { Tabs } from "../layout/head.tsx";
import { RANGES, type Range } from "./range.ts";

export type By = "day" | "instance";

/** The same days in another way, or as a file. */
export function usageAddress(by: By, range: Range, path = "/dashboard/usage", cursor?: string): string {
  const query = new URLSearchParams({ by });
  const days = range.code === null ? { from: range.from, to: range.to } : { range: range.code };
  for (const [name, value] of Object.entries({ ...days, cursor })) {
    if (value !== undefined) {
      query.set(name, value);
    }
  }
  return `${path}?${query}`;
}

interface ChoiceProps {
  by: By;
  range: Range;
  /** As it was typed. */
  asked: { from: string; to: string };
  problem?: string;
}

/** By what, and of which days. */
export function Choice({ by, range, asked, problem }: ChoiceProps) {
  return (
    <>
      <Tabs
        label="Sum up"
        tabs={[
          { name: "By day", path: usageAddress("day", range), isCurrent: by === "day" },
          { name: "By instance", path: usageAddress("instance", range), isCurrent: by === "instance" },
        ]}
      />
      <div class="range">
        <nav aria-label="Days" class="ranges">
          {RANGES.map(({ code, name }) => (
            <a
              href={`/dashboard/usage?${new URLSearchParams({ by, range: code })}`}
              aria-current={problem === undefined && range.code === code ? "true" : undefined}
            >
              {name}
            </a>
          ))}
        </nav>
        <form method="get" action="/dashboard/usage" class="inline">
          <input type="hidden" name="by" value={by} />
          <label for="from">From</label>
          <input
            type="date"
            id="from"
            name="from"
            value={asked.from}
            required
            aria-describedby="range-hint"
          />
          <label for="to">to</label>
          <input type="date" id="to" name="to" value={asked.to} required aria-describedby="range-hint" />
          <button type="submit">Show</button>
          <p id="range-hint" class={problem === undefined ? "quiet" : "mistake"}>
            {problem ?? "UTC days, both included."}
          </p>
        </form>
      </div>
    </>
  );
}
