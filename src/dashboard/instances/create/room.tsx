import { Note } from "../../layout/parts.tsx";
import type { Options } from "./options.ts";
import { dollars } from "./price.ts";

/** What would be refused anyway is said before somebody fills in a form. */
export function RoomNotes({ options }: { options: Options }) {
  const { places, isSealable, room } = options;
  const { instances, memoryMb } = room.quota;
  return (
    <>
      {places.length === 0 ? (
        <Note kind="bad">
          <strong>No provider is configured, so no machine can be made.</strong> The operator of this
          deployment sets one up; <a href="/dashboard/settings/providers">see which there are</a>.
        </Note>
      ) : null}
      {isSealable ? null : (
        <Note kind="bad">
          <strong>No sealing key is set, so a model key cannot be kept safely.</strong> The operator sets
          SEALING_KEYS.
        </Note>
      )}
      {instances.used >= instances.limit ? (
        <Note kind="warn">
          <strong>{`The account has ${instances.used} of ${instances.limit} instances.`}</strong> Delete what
          is not needed in the <a href="/dashboard">list</a>, or ask the operator for more.
        </Note>
      ) : null}
      {instances.used < instances.limit && memoryMb.used >= memoryMb.limit ? (
        <Note kind="warn">
          <strong>{`The account uses all of its ${memoryMb.limit} MB of memory.`}</strong> Delete what is not
          needed in the <a href="/dashboard">list</a>, or ask the operator for more.
        </Note>
      ) : null}
      <BudgetNote room={room} />
    </>
  );
}

function BudgetNote({ room: { budget } }: Pick<Options, "room">) {
  if (budget === null) {
    return null;
  }
  const { leftMicros, limitMicros, action } = budget;
  const left = `est. ${dollars(leftMicros, 2)} of ${dollars(limitMicros, 2)} are left of this month's compute budget`;
  if (leftMicros > 0) {
    return <p class="quiet">{left}.</p>;
  }
  return action === "warn" ? (
    <Note kind="warn">{`This month's compute budget of ${dollars(limitMicros, 2)} is spent (estimated).`}</Note>
  ) : (
    <Note kind="warn">
      <strong>This month's compute budget is spent</strong>, by estimate, so nothing new is started. It begins
      anew on the first of the month (UTC).
    </Note>
  );
}
