import { AppError } from "../../errors.ts";
import { beginAction } from "../../services/instances/act.ts";
import { Note } from "../layout/parts.tsx";
import { newPages } from "../route.ts";
import { type Filter, listPath, readFilter } from "./filter.tsx";
import { showList } from "./list.tsx";
import { QUICK_ACTIONS } from "./row-parts.tsx";

/** The list's own actions. They do not wait for the vendor: the list says how it goes on. */
export const actPage = newPages().post("/dashboard/act", async (c) => {
  const form = (await c.req.parseBody()) as Record<string, string>;
  const filter = whereFrom(c.req.header("Referer"));
  const action = QUICK_ACTIONS.find((known) => known === form.action);
  try {
    if (!action || typeof form.id !== "string") {
      throw new AppError("invalid_request", "There is no such action.");
    }
    await beginAction(c.var.ctx, form.id, action);
    return c.redirect(listPath(filter), 303);
  } catch (error) {
    if (!(error instanceof AppError)) {
      throw error;
    }
    c.status(error.status as 400);
    return showList(
      c,
      filter,
      <Note kind="bad">
        <strong>{error.message}</strong> {error.hint}
      </Note>,
    );
  }
});

/** The list that the form was on; a page of ours alone says it, by its policy. */
function whereFrom(referrer: string | undefined): Filter {
  const url = referrer === undefined ? null : URL.parse(referrer);
  return readFilter(url?.pathname === "/dashboard" ? Object.fromEntries(url.searchParams) : {});
}
