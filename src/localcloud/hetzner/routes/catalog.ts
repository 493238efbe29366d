/** What nobody changes: actions, and what is sold. */
import { Hono } from "hono";
import { IMAGES, imageView, LOCATIONS, pricingView, SERVER_TYPES, serverTypeView } from "../catalog.ts";
import { datacentersGone, noActionList, notFound } from "../errors.ts";
import { actionView } from "../views.ts";
import { type ApiEnv, idOf, page, type RouteContext } from "./http.ts";

export function catalogRoutes({ cloud }: RouteContext): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const { actions, state } = cloud;

  routes.get("/actions", (c) => {
    const ids = c.req.queries("id") ?? [];
    if (ids.length === 0) throw noActionList();
    // One that is not known is left out, which whoever asked has to notice.
    const found = ids.flatMap((id) => state.actions.get(Number(id)) ?? []);
    return c.json({ actions: found.map(actionView) });
  });
  routes.get("/actions/:id", (c) => c.json({ action: actionView(actions.get(idOf(c, "action"))) }));

  const list = <T extends { id: number; name: string }>(key: string, one: string, entries: T[]) => {
    routes.get(`/${key}`, (c) => page(c, key, entries, (entry) => entry));
    routes.get(`/${key}/:id`, (c) => {
      const id = idOf(c, one);
      const entry = entries.find((candidate) => candidate.id === id);
      if (!entry) throw notFound(one, id);
      return c.json({ [one]: entry });
    });
  };
  list("locations", "location", [...LOCATIONS]);
  list("server_types", "server_type", SERVER_TYPES.map(serverTypeView));
  list("images", "image", IMAGES.map(imageView));

  routes.get("/pricing", (c) => c.json({ pricing: pricingView() }));
  routes.get("/datacenters", () => {
    throw datacentersGone();
  });

  return routes;
}
