import type { Session } from "../../services/sessions/authenticate.ts";
import { Live, liveData } from "./live-element.tsx";
import { renderParts, type Shown } from "./live-parts.tsx";

/** What the page needs that shows the progress of a create: it follows it by itself, or without JavaScript loads itself again. */
export function progressFrame(instance: Shown): {
  scripts: string[];
  styles: string[];
  refreshSeconds?: number;
} {
  const refresh = instance.state === "creating" ? { refreshSeconds: 3 } : {};
  return { scripts: ["live.js"], styles: ["instances.css"], ...refresh };
}

/** Whether there is a create to tell of: it goes on, or it failed before there was a machine. */
export function isBeingMade({ state, machine }: Shown): boolean {
  return state === "creating" || (state === "error" && machine === null);
}

/** How a create goes on, step by step; nothing once it is done. `session`: who looks. */
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
    </section>
  );
}
