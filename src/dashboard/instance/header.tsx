import { AwakeNote } from "../instances/awake-note.tsx";
import { withoutAddress } from "../instances/words.ts";
import { Moment, Note, StateBadge } from "../layout/parts.tsx";
import { instancePath } from "./paths.ts";
import type { ShownNow } from "./view.ts";

/** How it is: what one looks at first. */
export function Status({ now }: { now: ShownNow }) {
  return (
    <>
      <p class="state">
        <StateBadge state={now.state} />{" "}
        <span>
          <span class="quiet">since</span> <Moment at={now.stateSince} />
        </span>
        {now.state === "error" || now.state === "deleted" ? null : <AwakeNote instance={now} />}
      </p>
      {now.problem === null ? null : (
        <Note kind="bad">
          <strong>{withoutAddress(now.problem.message, now)}</strong>
          {now.problem.hint === undefined ? null : ` ${withoutAddress(now.problem.hint, now)}`}
        </Note>
      )}
      {now.state === "deleted" ? (
        <Note>
          This instance is deleted. What it was, what it used and what happened to it stays here to be read.
        </Note>
      ) : null}
      {now.lastSuspend?.outcome === "stopped" && now.state === "stopped" ? (
        <Note kind="warn">
          It was to be suspended at <Moment at={now.lastSuspend.at} />, and was stopped instead:{" "}
          {now.lastSuspend.reason ?? "the vendor would not suspend it"}.
        </Note>
      ) : null}
      {now.notices.map((notice) => (
        <Note kind="warn">
          {withoutAddress(notice.message, now)} <WhatToDo notice={notice} now={now} />
        </Note>
      ))}
    </>
  );
}

/** The command line's hint as a way on this page, where there is one. */
function WhatToDo({ notice, now }: { notice: { code: string; hint: string }; now: ShownNow }) {
  const here = instancePath(now.id);
  switch (notice.code) {
    case "billed_while_off":
      return (
        <>
          If it is not needed any more, <a href={`${here}#delete`}>delete it</a>.
        </>
      );
    case "address_pending":
      return <>Restart it where that matters.</>;
    case "model_key_missing":
      return (
        <>
          <a href={`${here}#clone`}>Clone it</a> with a model key.
        </>
      );
    default:
      return <>{withoutAddress(notice.hint, now)}</>;
  }
}
