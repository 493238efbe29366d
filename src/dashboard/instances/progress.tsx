import { html } from "hono/html";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Live, liveData } from "./live-element.tsx";
import { renderParts, type Shown } from "./live-parts.tsx";

/** Whether there is a create to tell of: it goes on, or it failed before there was a machine. */
export function isBeingMade({ state, machine }: Shown): boolean {
  return state === "creating" || (state === "error" && machine === null);
}

/** Without JavaScript the page loads itself again. As a text, since a rendered `meta` would be taken out of it. */
const RELOAD = html`<noscript><meta http-equiv="refresh" content="3"></noscript>`;

/**
 * How a create goes on, step by step; nothing once it is done. `session`: who looks. The page needs `instances.css`, and a
 * script that follows its instances.
 */
export function CreateProgress({
  instance,
  session,
}: {
  instance: Shown;
  session: Pick<Session, "formToken">;
}) {
  if (!isBeingMade(instance)) {
    return null;
  }
  const { parts, mark } = renderParts("progress", instance, session);
  return (
    <section class="progress" aria-labelledby="progress-title" {...liveData("progress", instance, mark)}>
      <h2 id="progress-title">{instance.state === "creating" ? "Being made" : "Could not be made"}</h2>
      <Live name="steps" html={parts.steps ?? ""} />
      {instance.state === "creating" ? RELOAD : null}
    </section>
  );
}
