import { z } from "zod";
import { AppError } from "../../errors.ts";
import { beginAction, beginDelete } from "../../services/instances/act.ts";
import { holdInstance } from "../../services/instances/hold.ts";
import { findForPage } from "../../services/instances/inspect.ts";
import { newPages } from "../route.ts";
import { MOST_HOURS } from "./forms-settings.tsx";
import { handleForm, nameOf, seeDone } from "./handle.ts";
import { LIFECYCLE, type Lifecycle } from "./lifecycle.ts";
import { instancePath } from "./paths.ts";
import { readForm } from "./refusal.ts";

const HoldFields = z.object({
  hours: z.coerce.number("must be a number").min(0, "must not be negative").max(MOST_HOURS, "is too long"),
  reason: z.string().trim().min(1, "is needed").max(200, "is too long"),
});

/** What is done with an instance at once. Nobody waits here: it is accepted or refused, and the page shows how it goes on. */
export const actPages = newPages()
  .post(
    `/dashboard/instances/:id/:action{${LIFECYCLE.join("|")}}`,
    handleForm("act", async (c) => {
      const action = c.req.param("action") as Lifecycle;
      const { row, isAccepted } = await beginAction(c.var.ctx, nameOf(c), action);
      return seeDone(c, row.id, isAccepted ? action : "already");
    }),
  )
  .post(
    "/dashboard/instances/:id/hold",
    handleForm("hold", async (c, sent) => {
      const { hours, reason } = readForm(HoldFields, sent);
      const seconds = Math.round(hours * 3600);
      const { id } = await holdInstance(c.var.ctx, nameOf(c), { seconds, reason });
      return seeDone(c, id, seconds === 0 ? "released" : "held");
    }),
  )
  .post(
    "/dashboard/instances/:id/delete",
    handleForm("delete", async (c, sent) => {
      const { ctx } = c.var;
      const row = await findForPage(ctx, nameOf(c));
      if (sent.confirmation?.trim() !== row.name) {
        throw new AppError("invalid_request", "The instance was not deleted: the name is another one.", {
          details: [{ field: "confirmation", problem: "This is not its name." }],
        });
      }
      const { id } = await beginDelete(ctx, row.id);
      return seeDone(c, id, "delete");
    }),
  )
  // Somebody loads the answer of a refused form again, from its address.
  .get("/dashboard/instances/:id/:action", (c, next) =>
    isForm(c.req.param("action")) ? c.redirect(instancePath(c.req.param("id")), 303) : next(),
  );

const FORMS: readonly string[] = [
  ...LIFECYCLE,
  "hold",
  "delete",
  "name",
  "access",
  "sleep",
  "rotate-url",
  "links",
  "clone",
  "transfer",
  "withdraw",
];

function isForm(action: string): boolean {
  return FORMS.includes(action);
}
