import type { Child } from "hono/jsx";

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

/** A length of time, in its two largest units: `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units: [string, number][] = [
    ["d", Math.floor(whole / 86_400)],
    ["h", Math.floor(whole / 3600) % 24],
    ["min", Math.floor(whole / 60) % 60],
    ["s", whole % 60],
  ];
  const first = units.findIndex(([, amount]) => amount > 0);
  return units
    .slice(first < 0 ? 3 : first)
    .slice(0, 2)
    .map(([unit, amount]) => `${amount} ${unit}`)
    .join(" ");
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
