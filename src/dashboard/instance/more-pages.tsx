import { CSV_HEADERS, usageCsv } from "../../services/usage/csv.ts";
import { resolveForUsage } from "../../services/usage/read.ts";
import { formatDay } from "../../usage/day.ts";
import { newPages } from "../route.ts";
import { EventsPage } from "./events-page.tsx";
import { nameOf } from "./handle.ts";
import { readEvents, requireInstance } from "./overview.tsx";
import { loadTraffic } from "./traffic.ts";
import { TrafficPage } from "./traffic-page.tsx";

const EVENTS_A_PAGE = 50;
/** The longest that can be asked for at once, in milliseconds. */
const YEAR_MS = 365 * 86_400_000;

/** What is too much for an instance's page: all its events, its traffic, all its usage. */
export const morePages = newPages()
  .get("/dashboard/instances/:id/events", async (c) => {
    const view = await requireInstance(c);
    const cursor = Number(c.req.query("cursor"));
    const isFirst = !(Number.isSafeInteger(cursor) && cursor > 0);
    const reading = { limit: EVENTS_A_PAGE, ...(isFirst ? {} : { cursor }) };
    const events = await readEvents(c, view.now.id, reading);
    return c.html(<EventsPage session={c.var.session} view={view} events={events} isFirst={isFirst} />);
  })
  .get("/dashboard/instances/:id/traffic", async (c) => {
    const view = await requireInstance(c);
    const traffic = await loadTraffic(c.var.ctx, view.now.id);
    return c.html(<TrafficPage session={c.var.session} view={view} traffic={traffic} />);
  })
  .get("/dashboard/instances/:id/usage.csv", async (c) => {
    const { ctx } = c.var;
    const instance = await resolveForUsage(ctx, nameOf(c));
    const from = formatDay(ctx.now - YEAR_MS);
    const csv = await usageCsv(ctx, { groupBy: "instance-day", instance, from });
    return c.body(csv, 200, CSV_HEADERS);
  });
