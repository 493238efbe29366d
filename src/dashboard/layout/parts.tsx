import type { Child } from "hono/jsx";

export { formatDuration } from "./duration.ts";

/** An instance's state, in words and by color. */
export function StateBadge({ state }: { state: string }) {
  return <span class={`badge state-${state}`}>{state}</span>;
}

/** A moment: exact for programs, in UTC for a reader without JavaScript, in their own time with it. */
export function Moment({ at }: { at: number }) {
  const iso = new Date(at).toISOString();
  return <time datetime={iso}>{`${iso.slice(0, 16).replace("T", " ")} UTC`}</time>;
}

/** Micro-dollars as a sum of money. It is always an estimate, and always says so. */
export function EstimatedCost({ micros }: { micros: number }) {
  return (
    <span class="money">
      ${(micros / 1e6).toFixed(micros !== 0 && Math.abs(micros) < 1e6 ? 4 : 2)} <small>est.</small>
    </span>
  );
}

/** What stands where there is nothing yet: that, and what to do. */
export function Empty({ title, children }: { title: string; children?: Child }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Something to know, beside what it is about. */
export function Note({
  kind = "info",
  children,
}: {
  kind?: "info" | "warn" | "bad" | "good";
  children?: Child;
}) {
  return (
    <div class={`note ${kind}`} role={kind === "bad" ? "alert" : "note"}>
      {children}
    </div>
  );
}
