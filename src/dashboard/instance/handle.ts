import { AppError } from "../../errors.ts";
import { withoutAddress } from "../instances/words.ts";
import type { DashboardContext } from "../route.ts";
import type { DoneCode } from "./done.ts";
import { renderInstance, requireInstance } from "./overview.tsx";
import { instancePath } from "./paths.ts";
import { type FormName, refusalOf, type Sent, sentBy } from "./refusal.ts";

/** Not the form's fault, and nothing that could be said beside it. */
const NOT_OURS: readonly string[] = ["internal", "rate_limited", "not_found"];

/** Answers a form; what is refused is the page again, with the form as it was sent and the reason at it. */
export function handleForm(
  form: FormName,
  handle: (c: DashboardContext, sent: Sent) => Promise<Response>,
): (c: DashboardContext) => Promise<Response> {
  return async (c) => {
    const sent = sentBy(await c.req.parseBody());
    try {
      return await handle(c, sent);
    } catch (error) {
      if (!(error instanceof AppError)) {
        throw error;
      }
      const view = await requireInstance(c);
      // Verbs find no deleted one, and here it still has a page.
      const refused = error.code === "not_found" && view.now.state === "deleted" ? goneForEver() : error;
      if (NOT_OURS.includes(refused.code)) {
        throw refused;
      }
      const { message, hint, ...refusal } = refusalOf(form, sent, refused);
      return renderInstance(c, view, {
        ...refusal,
        message: withoutAddress(message, view.now),
        hint: hint && withoutAddress(hint, view.now),
      });
    }
  };
}

function goneForEver(): AppError {
  return new AppError("invalid_state", "The instance is deleted.", {
    hint: "A deleted instance cannot come back. Create a new one.",
  });
}

/** Back to the page, which says what was done. */
export function seeDone(c: DashboardContext, id: string, done: DoneCode): Response {
  return c.redirect(`${instancePath(id)}?done=${done}`, 303);
}

/** As the path names it: verbs find it by that, and judge whose it is. */
export function nameOf(c: DashboardContext): string {
  return c.req.param("id") ?? "";
}
