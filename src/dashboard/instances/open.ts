import { instanceUrl } from "../../env.ts";
import { createLink } from "../../services/instances/create-link.ts";
import { getInstance } from "../../services/instances/read.ts";
import { requirePublic } from "../../services/instances/resolve.ts";
import { newPages } from "../route.ts";

/** Long enough to follow it, in seconds. */
const LINK_SECONDS = 300;

/** To the instance itself. Its URL opens it, so no page holds it: it is told to who follows this link. */
export const openPage = newPages().get("/dashboard/instances/:id/open", async (c) => {
  const { ctx } = c.var;
  const row = await getInstance(ctx, c.req.param("id"));
  requirePublic(row, "it has no address");
  const url =
    row.access === "signed"
      ? (await createLink(ctx, row.id, LINK_SECONDS)).url
      : instanceUrl(ctx.config, row.subdomain);
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(url, 303);
});
