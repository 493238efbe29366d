import type { InstanceNow, InstanceRow } from "../../instance/projection.ts";
import { Note } from "../layout/parts.tsx";
import { capitalized, withoutAddress } from "./words.ts";

type Created = InstanceRow & Partial<InstanceNow>;

/** What is made one after the other, and by which steps of the plan. */
const STAGES = [
  { name: "Network", steps: ["place", "address"], says: "a private network of its own, and an address" },
  { name: "Volume", steps: ["volume"], says: "an encrypted disk in the region" },
  { name: "Machine", steps: ["machine"], says: "the machine, with the disk in it" },
  { name: "Boot", steps: ["boot"], says: "the machine starts the agent" },
  { name: "Reachable", steps: ["ready"], says: "the agent answers at its URL" },
] as const;

/** Where a create is, or what came of it. */
export function ProgressSteps({ instance }: { instance: Created }) {
  const at = stageOf(instance);
  return (
    <>
      <ol class="stages">
        {STAGES.map(({ name, says }, index) => (
          <li
            class={index < at ? "done" : index === at ? "doing" : "due"}
            aria-current={index === at ? "step" : undefined}
          >
            <strong>{name}</strong> <small>{says}</small>
            <span class="unseen">{index < at ? ": done" : index === at ? ": being done" : ": to come"}</span>
          </li>
        ))}
      </ol>
      <div class="outcome">
        <Outcome instance={instance} />
      </div>
    </>
  );
}

function Outcome({ instance }: { instance: Created }) {
  const { id, state, problem, progress } = instance;
  switch (state) {
    case "creating":
      return <p class="quiet">{progress === null ? "About to begin" : capitalized(progress)}…</p>;
    case "running":
      return <p class="good">It runs.</p>;
    case "error":
      return (
        <Note kind="bad">
          <p>
            <strong>{withoutAddress(problem?.message ?? "It could not be made.", instance)}</strong>
          </p>
          {problem?.hint ? <p>{withoutAddress(problem.hint, instance)}</p> : null}
          <p>
            What was made is being removed again, so that nothing of it is billed. Delete the instance, and{" "}
            <a href={`/dashboard/instances/new?like=${id}`}>try once more with the same choices</a>.
          </p>
        </Note>
      );
    default:
      return <p>{`It is ${state} now.`}</p>;
  }
}

/** How many stages are over. Of a create that failed none is said to be done: all of it is taken back. */
function stageOf({ state, step }: Created): number {
  if (state === "creating") {
    const stage = STAGES.findIndex(({ steps }) => steps.some((each) => each === step));
    return Math.max(stage, 0);
  }
  return state === "error" ? -1 : STAGES.length;
}
