import type { Dashboard, Person } from "./harness.ts";
import { movePastBack, type Told, tellPast } from "./past.ts";

export interface Furnished {
  you: Person;
  /** Somebody of another account, which has nothing. */
  stranger: Person;
  /** Runs. */
  id: string;
  stoppedId: string;
  deletedId: string;
}

const HOUR = 3_600_000;

/** Working days of an agent: awake by day, asleep at night, off at the weekend. */
const WEEKS: Told[] = Array.from({ length: 20 }, (_, day): Told[] =>
  day % 7 < 5
    ? [
        ["running", 4 + (day % 3)],
        ["suspended", 1],
        ["running", 3],
        ["suspended", 16 - (day % 3)],
      ]
    : [["stopped", 24]],
).flat();

/** An account as it looks after some weeks of use, beside one that has nothing. */
export async function furnish(dashboard: Dashboard): Promise<Furnished> {
  const { stack } = dashboard;
  const named = (name: string, over: object = {}) => stack.create({ name, ...over });
  const [writer, reviewer, nightly, old] = await Promise.all([
    named("docs-writer", { labels: { team: "docs" } }),
    named("code-reviewer"),
    named("nightly-sweep"),
    named("spike-2026-10"),
  ]);
  await stack.exec(writer.id, "echo hello > /workspace/note.txt");
  await stack.run(["compute", "stop", reviewer.id]);
  await stack.run(["compute", "suspend", nightly.id]);
  await stack.run(["compute", "delete", old.id, "--yes"]);
  await stack.run(["tokens", "create", "ci"]);
  await stack.run(["run", "my-workspace", "--", "true"]);
  const { state } = stack;
  await dashboard.restart(() => {
    movePastBack(state, writer.id, 5 * HOUR);
    movePastBack(state, reviewer.id, 9 * HOUR);
    movePastBack(state, nightly.id, 7 * HOUR);
    for (const { id } of [writer, nightly]) tellPast(state, id, WEEKS);
    tellPast(state, reviewer.id, WEEKS.slice(30));
  });
  const you = await dashboard.signIn("you@localhost");
  const stranger = await dashboard.signIn("grace@localhost");
  await dashboard.stack.run(["compute", "transfer", reviewer.id, "--to", "grace@localhost"]);
  return { you, stranger, id: writer.id, stoppedId: reviewer.id, deletedId: old.id };
}
