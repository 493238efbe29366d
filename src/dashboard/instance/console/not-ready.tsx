import type { InstanceRow } from "../../../instance/projection.ts";
import { withoutAddress } from "../../instances/words.ts";
import { Form } from "../../layout/form.tsx";
import { Note } from "../../layout/parts.tsx";
import type { DashboardContext } from "../../route.ts";
import { instancePath } from "../paths.ts";
import type { Readiness } from "./readiness.ts";

/** What stands in the way of a terminal or a command, and what to do about it. */
export function ReadinessNote({
  c,
  instance,
  readiness,
}: {
  c: DashboardContext;
  instance: InstanceRow;
  readiness: Readiness;
}) {
  switch (readiness.type) {
    case "runs":
      return null;
    case "stopped":
      return (
        <Note kind="warn">
          <p>It is stopped: its disk is kept, and nothing runs.</p>
          <Form session={c.var.session} action={instancePath(instance.id, "start")}>
            <button type="submit" class="main">
              Start it
            </button>
          </Form>
        </Note>
      );
    default:
      return (
        <Note kind={readiness.type === "no" ? "warn" : "info"}>
          <p>{withoutAddress(readiness.note, instance)}</p>
        </Note>
      );
  }
}
