import { Moment, Note, StateBadge } from "../layout/parts.tsx";
import { type InstanceView, withoutAddress } from "./view.ts";

/** How it is: what one looks at first. */
export function Status({ view }: { view: InstanceView }) {
  const { now, hold } = view;
  return (
    <div class="status">
      <p class="state">
        <StateBadge state={now.state} /> <span class="quiet">since</span> <Moment at={now.stateSince} />
        {now.progress === null ? null : <span class="quiet">{` · ${now.progress}`}</span>}
      </p>
      {now.awake === null ? null : (
        <p class="quiet">
          Awake: {now.awake.reason}, until <Moment at={now.awake.until} />
        </p>
      )}
      {hold === null ? null : (
        <p class="quiet">
          Held awake until <Moment at={hold.until} />: {hold.reason}
        </p>
      )}
      {now.problem === null ? null : (
        <Note kind="bad">
          <strong>{withoutAddress(now.problem.message, view)}</strong>
          {now.problem.hint === undefined ? null : <p>{withoutAddress(now.problem.hint, view)}</p>}
        </Note>
      )}
    </div>
  );
}
