import { AppError } from "../../errors.ts";
import { nameActors } from "../../services/account/actors.ts";
import { listEventsOf } from "../../services/audit/list.ts";
import { readHistory } from "../../services/instances/history.ts";
import { type DashboardContext, newPages } from "../route.ts";
import { doneText } from "./done.ts";
import type { Events } from "./events.tsx";
import { parseDays } from "./history.tsx";
import { InstancePage } from "./page.tsx";
import { instancePath } from "./paths.ts";
import type { Refusal } from "./refusal.ts";
import { findInstance, type InstanceView } from "./view.ts";

const RECENT_EVENTS = 12;

export const overviewPages = newPages()
  .get("/dashboard/instances/:id", async (c, next) => {
    // Where one is made; no instance is called that.
    if (c.req.param("id") === "new") {
      return next();
    }
    const { id, view } = await findInstance(c);
    return view === undefined ? c.redirect(instancePath(id), 303) : renderInstance(c, view);
  })
  .get("/dashboard/instances/:id/timeline", (c) => {
    const days = parseDays(c.req.query("days"));
    return c.redirect(`${instancePath(c.req.param("id"))}?days=${days}#states`, 303);
  });

/** The page, after what was refused as well. */
export async function renderInstance(
  c: DashboardContext,
  view: InstanceView,
  refusal?: Refusal,
): Promise<Response> {
  const { ctx, session } = c.var;
  const days = parseDays(c.req.query("days"));
  const [history, events] = await Promise.all([
    readHistory(ctx, view.now, days),
    readEvents(c, view.now.id, { limit: RECENT_EVENTS }),
  ]);
  c.status((refusal?.status ?? 200) as 200);
  return c.html(
    <InstancePage
      session={session}
      view={view}
      overview={{ history, days, events }}
      refusal={refusal}
      done={doneText(c.req.query("done"))}
      form={c.var.requestId}
    />,
  );
}

/** One page of its events, with who did them. */
export async function readEvents(
  c: DashboardContext,
  id: string,
  reading: { limit: number; cursor?: number },
): Promise<Events> {
  const { items, nextCursor } = await listEventsOf(c.var.ctx, id, reading);
  const names = await nameActors(
    c.var.ctx,
    items.map(({ actor }) => actor),
  );
  return { items, nextCursor, names };
}

/** Who answers a form: the instance by its whole id. @throws not_found */
export async function requireInstance(c: DashboardContext): Promise<InstanceView> {
  const { view } = await findInstance(c);
  if (view === undefined) {
    throw new AppError("not_found", "There is no such page.");
  }
  return view;
}
