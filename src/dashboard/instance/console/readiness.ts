/** Whether a command or a terminal can be had of an instance, and what it takes. */
export type Readiness =
  | { type: "runs" }
  /** It sleeps, or is on its way: whoever wants something of it wakes it and waits. */
  | { type: "wakes"; note: string }
  | { type: "stopped" }
  | { type: "no"; note: string };

/** An instance, as far as it matters here; nothing is imported, since browsers get this too. */
interface Looked {
  state: string;
  exposure: string;
  problem: { message: string; hint?: string } | null;
}

/** The same rules as `services/instances/wake.ts`, which decides; these say it beforehand. */
export function readinessOf({ state, exposure, problem }: Looked): Readiness {
  const isBody = exposure === "private";
  switch (state) {
    case "running":
      return { type: "runs" };
    case "suspended":
    case "suspending":
      return { type: "wakes", note: "It sleeps. This wakes it, which takes a moment." };
    case "starting":
      return { type: "wakes", note: "It is starting. This waits until it runs." };
    case "stopped":
      return isBody ? { type: "wakes", note: "It is stopped. This starts it." } : { type: "stopped" };
    case "creating":
    case "stopping":
      return isBody
        ? { type: "wakes", note: `It is ${state}. This waits until it runs.` }
        : {
            type: "no",
            note: `It is ${state}. ${state === "creating" ? "Wait until it runs." : "Wait until it has stopped; then start it."}`,
          };
    case "error":
      return {
        type: "no",
        note: `It failed: ${problem?.message ?? "unknown"}. ${problem?.hint ?? ""}`.trim(),
      };
    default:
      return { type: "no", note: "It is being deleted." };
  }
}
