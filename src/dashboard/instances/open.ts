import { instanceUrl } from "../../env.ts";
import { AppError } from "../../errors.ts";
import { createLink } from "../../services/instances/create-link.ts";
import { getInstance } from "../../services/instances/read.ts";
import { requirePublic } from "../../services/instances/resolve.ts";
import { newPages } from "../route.ts";

/** Long enough to follow it, in seconds. */
const LINK_SECONDS = 300;

/** To the instance itself. Its URL opens it, so no page holds it: it is told to who follows this link. */
export const openPage = newPages().get("/dashboard/instances/:id/open", async (c) => {
  const { ctx } = c.var;
  requireOwnLink(c.req.header("Sec-Fetch-Site"));
  const row = await getInstance(ctx, c.req.param("id"));
  requirePublic(row, "it has no address");
  if (row.access === "token") {
    throw new AppError("invalid_state", "Only a program can open it: its access is “token”.", {
      hint: "Change its access, or send Authorization: Bearer with a token of this account.",
    });
  }
  const url =
    row.access === "signed"
      ? (await createLink(ctx, row.id, LINK_SECONDS)).url
      : instanceUrl(ctx.config, row.subdomain);
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(url, 303);
});

/** Another site may link to this, and must not have a link signed by that. */
function requireOwnLink(site: string | undefined): void {
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    throw new AppError("forbidden", "An instance is opened from the dashboard only.", {
      hint: "Open it from its page.",
    });
  }
}
