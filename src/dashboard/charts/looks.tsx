/** How the states of an instance look: by color, and by a pattern for whoever sees no colors or has none on paper. */

const MEMBERS = {
  running: ["running"],
  asleep: ["suspended"],
  stopped: ["stopped"],
  moving: ["creating", "starting", "stopping", "suspending", "deleting"],
  failed: ["error"],
} as const;

export type Look = keyof typeof MEMBERS | "none";
export const LOOKS: readonly Look[] = ["running", "asleep", "stopped", "moving", "failed", "none"];

/** What the look is called in a legend. */
export const LOOK_NAMES: Readonly<Record<Look, string>> = {
  running: "running",
  asleep: "suspended",
  stopped: "stopped",
  moving: "on its way",
  failed: "error",
  none: "not there",
};

export function lookOf(state: string | null): Look {
  const found = Object.entries(MEMBERS).find(([, states]) =>
    (states as readonly string[]).includes(state ?? ""),
  );
  return (found?.[0] as Look | undefined) ?? "none";
}

/** The patterns that `fill` refers to; once in every drawing that uses them. */
export function Patterns({ id, looks }: { id: string; looks: readonly Look[] }) {
  return (
    <defs>
      {looks.map((look) => (
        <pattern id={`${id}-${look}`} width="8" height="8" patternUnits="userSpaceOnUse">
          <rect width="8" height="8" class={`ground-${look}`} />
          <Strokes look={look} />
        </pattern>
      ))}
    </defs>
  );
}

function Strokes({ look }: { look: Look }) {
  switch (look) {
    case "asleep":
      return <path d="M-2 2l4-4M0 8l8-8M6 10l4-4" class="stroke-asleep" />;
    case "stopped":
      return <circle cx="4" cy="4" r="1.2" class="dot-stopped" />;
    case "moving":
      return <path d="M2 0v8M6 0v8" class="stroke-moving" />;
    case "failed":
      return <path d="M0 0l8 8M8 0l-8 8" class="stroke-failed" />;
    default:
      return null;
  }
}

export function fillOf(id: string, look: Look): string {
  return `url(#${id}-${look})`;
}

/** A sample of a look beside its name. */
export function Swatch({ id, look }: { id: string; look: Look }) {
  return (
    <svg class="swatch" width="16" height="16" aria-hidden="true">
      <rect width="16" height="16" fill={fillOf(id, look)} class={`look-${look}`} />
    </svg>
  );
}
