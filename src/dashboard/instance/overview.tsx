import { newPages } from "../route.ts";
import { InstancePage } from "./page.tsx";
import { instancePath } from "./paths.ts";
import { findInstance } from "./view.ts";

export const overviewPages = newPages().get("/dashboard/instances/:id", async (c, next) => {
  // Where one is made; no instance is called that.
  if (c.req.param("id") === "new") {
    return next();
  }
  const { id, view } = await findInstance(c);
  return view === undefined
    ? c.redirect(instancePath(id), 303)
    : c.html(<InstancePage session={c.var.session} view={view} />);
});
