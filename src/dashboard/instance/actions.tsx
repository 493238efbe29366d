import type { Session } from "../../services/sessions/authenticate.ts";
import { Form } from "../layout/form.tsx";
import { EXPLAINED, isOnItsWay, offeredActions } from "./lifecycle.ts";
import { instancePath } from "./paths.ts";
import type { ShownNow } from "./view.ts";

type Viewer = Pick<Session, "formToken">;

/** What can be done with it at once: the next step that people want, and nothing that would be refused. */
export function Actions({ session, now }: { session: Viewer; now: ShownNow }) {
  const offered = offeredActions(now);
  const canBeOpened = now.state === "running" && now.exposure === "public" && now.access !== "token";
  return (
    <>
      <div class="actions">
        {canBeOpened ? (
          <a
            class="button main"
            href={instancePath(now.id, "open")}
            target="_blank"
            rel="noreferrer"
            aria-label="Open in a new tab"
          >
            Open
          </a>
        ) : null}
        {offered.map((action) => (
          <Form session={session} action={instancePath(now.id, action)}>
            <button type="submit" class={action === "start" || action === "resume" ? "main" : undefined}>
              {action.charAt(0).toUpperCase() + action.slice(1)}
            </button>
          </Form>
        ))}
        {isOnItsWay(now) ? (
          <noscript>
            <a class="button" href={instancePath(now.id)}>
              Look again
            </a>
          </noscript>
        ) : null}
      </div>
      {offered.length === 0 ? null : (
        <p class="quiet explained">{offered.map((action) => EXPLAINED[action]).join(" ")}</p>
      )}
    </>
  );
}
