import { AppError } from "../../errors.ts";
import { CSV_HEADERS, usageCsv } from "../../services/usage/csv.ts";
import { type UsageOverview, usageOverview } from "../../services/usage/overview.ts";
import { formatDay } from "../../usage/day.ts";
import { UsageBars } from "../charts/usage-bars.tsx";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Empty } from "../layout/parts.tsx";
import { type DashboardContext, newPages } from "../route.ts";
import { type By, Choice, usageAddress } from "./choice.tsx";
import { Sums } from "./figures.tsx";
import { HowComputed } from "./how-computed.tsx";
import { type Range, readRange } from "./range.ts";
import { DayTable, InstanceTable } from "./tables.tsx";

/** All days of the longest range, and as many instances as one reads. */
const LIMITS: Record<By, number> = { day: 366, instance: 100 };

export const usagePages = newPages()
  .get("/dashboard/usage", async (c) => {
    const read = readRange(c.req.query(), c.var.ctx.now);
    const by = toBy(c.req.query("by"));
    if (!read.ok) {
      return page(c, { by, range: read.range, problem: read.problem });
    }
    try {
      return await page(c, { by, range: read.range });
    } catch (error) {
      if (error instanceof AppError && error.code === "invalid_request") {
        return page(c, { by, range: readRange({}, c.var.ctx.now).range, problem: error.message });
      }
      throw error;
    }
  })
  .get("/dashboard/usage.csv", async (c) => {
    const read = readRange(c.req.query(), c.var.ctx.now);
    if (!read.ok) {
      throw new AppError("invalid_request", read.problem);
    }
    const { from, to } = read.range;
    const csv = await usageCsv(c.var.ctx, { from, to, groupBy: toBy(c.req.query("by")) });
    return c.body(csv, 200, CSV_HEADERS);
  });

function toBy(by: string | undefined): By {
  return by === "instance" ? "instance" : "day";
}

async function page(c: DashboardContext, { by, range, problem }: { by: By; range: Range; problem?: string }) {
  const { from, to } = range;
  const cursor = problem === undefined && by === "instance" ? c.req.query("cursor") : undefined;
  const usage = await usageOverview(c.var.ctx, { from, to, groupBy: by, limit: LIMITS[by], cursor });
  const asked =
    problem === undefined
      ? range
      : { ...range, from: c.req.query("from") ?? "", to: c.req.query("to") ?? "" };
  return c.html(
    <Frame session={c.var.session} title="Usage" place="Usage" styles={["charts.css", "records.css"]}>
      <PageHead title="Usage" about="What your instances used, and about what it cost. Nothing is debited.">
        <a class="button" href={usageAddress(by, range, "/dashboard/usage.csv")} download="gentity-usage.csv">
          Download CSV
        </a>
      </PageHead>
      <Choice by={by} range={range} asked={asked} problem={problem} />
      <Sums usage={usage} />
      {usage.lines.length === 0 && cursor === undefined ? (
        <Nothing range={range} />
      ) : by === "day" ? (
        <ByDay usage={usage} range={range} />
      ) : (
        <InstanceTable usage={usage} range={range} isLater={cursor !== undefined} />
      )}
      <HowComputed usage={usage} range={range} />
    </Frame>,
    problem === undefined ? 200 : 400,
  );
}

function ByDay({ usage, range }: { usage: UsageOverview; range: Range }) {
  const days = usage.lines.map(({ day, runningMs, pausedMs, costMicros }) => ({
    day: formatDay(day ?? 0),
    runningSeconds: runningMs / 1000,
    pausedSeconds: pausedMs / 1000,
    costMicros,
  }));
  const nothing = { runningSeconds: 0, pausedSeconds: 0, costMicros: 0 };
  // The whole range is drawn, also where nothing was used at its ends.
  const whole = [{ day: range.from, ...nothing }, { day: range.to, ...nothing }, ...days];
  return (
    <>
      <UsageBars days={whole} hasTable={false} />
      <DayTable usage={usage} />
    </>
  );
}

function Nothing({ range }: { range: Range }) {
  return (
    <Empty title="Nothing was used in these days">
      <p>
        From {range.from} to {range.to}, both included. What an instance uses is counted every hour.
      </p>
      <p>
        <a href="/dashboard/usage?range=30-days">Look at the last 30 days</a> or{" "}
        <a href="/dashboard/instances/new">create an instance</a>.
      </p>
    </Empty>
  );
}
