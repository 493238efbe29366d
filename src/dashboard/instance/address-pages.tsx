import { z } from "zod";
import { instanceUrl } from "../../env.ts";
import { AppError } from "../../errors.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { createLink } from "../../services/instances/create-link.ts";
import { findForPage } from "../../services/instances/inspect.ts";
import { getInstance } from "../../services/instances/read.ts";
import { rotateUrl } from "../../services/instances/rotate-url.ts";
import { type DashboardContext, newPages } from "../route.ts";
import { handleForm, nameOf, seeDone } from "./handle.ts";
import { readForm } from "./refusal.ts";
import { SecretPage } from "./secret-page.tsx";

const HOUR_SECONDS = 3_600;

const RotateFields = z.object({ sure: z.literal("yes", "It is rotated only if you are sure.") });
const LinkFields = z.object({ linkHours: z.coerce.number().min(0.01).max(720) });

/** All that shows an instance's address, or gives it another; what opens it is beside the list, which does so too. */
export const addressPages = newPages()
  .get("/dashboard/instances/:id/url", async (c) => {
    const row = await addressed(c);
    const url = instanceUrl(c.var.ctx.config, row.subdomain);
    // A script asks for the address alone, to show it in its place.
    return c.req.header("Accept")?.includes("text/html")
      ? c.html(<SecretPage session={c.var.session} row={row} kind="address" url={url} />)
      : c.text(url);
  })
  .post(
    "/dashboard/instances/:id/rotate-url",
    handleForm("address", async (c, sent) => {
      readForm(RotateFields, sent);
      const { id } = await rotateUrl(c.var.ctx, nameOf(c));
      return seeDone(c, id, "rotated");
    }),
  )
  .post(
    "/dashboard/instances/:id/links",
    handleForm("address", async (c, sent) => {
      const { linkHours } = readForm(LinkFields, sent);
      const { ctx, session } = c.var;
      const row = await findForPage(ctx, nameOf(c));
      const { url, expiresAt } = await createLink(ctx, row.id, Math.round(linkHours * HOUR_SECONDS));
      // Shown by the answer itself: it is kept nowhere, so no other page could show it.
      return c.html(
        <SecretPage session={session} row={row} kind="link" url={url} expiresAt={expiresAt} />,
      ) as Response;
    }),
  );

/** @throws not_found, also of one that is gone: nothing answers there. */
async function addressed(c: DashboardContext): Promise<InstanceRow> {
  const row = await getInstance(c.var.ctx, nameOf(c));
  if (row.exposure === "private") {
    throw new AppError("invalid_state", "This is a workspace's body: it has no address.");
  }
  return row;
}
