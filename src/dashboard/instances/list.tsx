import type { Child } from "hono/jsx";
import { liveAgents } from "../../services/catalog/live.ts";
import { type Overview, readOverview } from "../../services/instances/overview.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Pagination } from "../layout/lists.tsx";
import { Empty } from "../layout/parts.tsx";
import { type DashboardContext, newPages } from "../route.ts";
import { type Filter, FilterForm, isFiltered, listPath, readFilter, toListInput } from "./filter.tsx";
import { COLUMNS, InstanceRow } from "./row.tsx";
import { TotalsBar } from "./totals.tsx";

/** What runs, why, since when, and what it costs. */
export const listPage = newPages().get("/dashboard", (c) => showList(c, readFilter(c.req.query())));

/** The list as filtered, with something to say above it. */
export async function showList(c: DashboardContext, filter: Filter, said?: Child): Promise<Response> {
  const { ctx, session } = c.var;
  const [overview, agents] = await Promise.all([
    readOverview(ctx, toListInput(filter)),
    liveAgents(ctx.env, ctx.now),
  ]);
  const hasAny = [...overview.totals.byState.values()].some((number) => number > 0);
  return c.html(
    <Frame
      session={session}
      title="Instances"
      place="Instances"
      scripts={["live.js"]}
      styles={["instances.css"]}
    >
      <PageHead title="Instances">
        {hasAny ? (
          <a class="button main" href="/dashboard/instances/new">
            Create an instance
          </a>
        ) : null}
      </PageHead>
      {said}
      {hasAny ? (
        <>
          <TotalsBar totals={overview.totals} />
          <FilterForm filter={filter} agents={agents} />
          <Listed overview={overview} filter={filter} agents={agents} session={session} />
        </>
      ) : (
        <FirstSteps />
      )}
      <p class="quiet">
        What was deleted is in the <a href="/dashboard/history">history</a>.
      </p>
    </Frame>,
  );
}

interface ListedProps {
  overview: Overview;
  filter: Filter;
  agents: readonly { id: string; name: string }[];
  session: Session;
}

function Listed({ overview: { items, nextCursor }, filter, agents, session }: ListedProps) {
  if (items.length === 0) {
    return (
      <Empty title={isFiltered(filter) ? "No instance is like this" : "There are no more"}>
        <p>
          <a href="/dashboard">Show all instances</a>
        </p>
      </Empty>
    );
  }
  const names = new Map(agents.map(({ id, name }) => [id, name]));
  return (
    <>
      <table class="cards instances">
        <caption class="unseen">Instances, newest first</caption>
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th scope="col" class={`column-${name.toLowerCase()}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((listed) => (
            <InstanceRow
              listed={listed}
              agentName={names.get(listed.row.agentType) ?? listed.row.agentType}
              session={session}
            />
          ))}
        </tbody>
      </table>
      <Pagination
        shown={`${items.length} ${items.length === 1 ? "instance" : "instances"}, newest first`}
        first={filter.cursor === "" ? undefined : listPath({ ...filter, cursor: "" })}
        next={nextCursor === null ? undefined : listPath({ ...filter, cursor: nextCursor })}
      />
    </>
  );
}

/** The very first page that somebody sees: what an instance is, and two ways to one. */
function FirstSteps() {
  return (
    <Empty title="No instances yet">
      <p>An instance is one agent on a machine of its own, with its own disk and its own secret URL.</p>
      <p>
        <a class="button main" href="/dashboard/instances/new">
          Create an instance
        </a>
      </p>
      <p>Or from the command line, with a token from your settings:</p>
      <pre>
        <code>gentity compute create --agent claude-code --model claude-sonnet-5-5 --api-key sk-…</code>
      </pre>
      <p>
        <a href="/dashboard/settings/tokens">Make a token</a> · <a href="/docs">Read the documentation</a>
      </p>
    </Empty>
  );
}
