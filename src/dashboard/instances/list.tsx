import { liveAgents } from "../../services/catalog/live.ts";
import { readOverview } from "../../services/instances/overview.ts";
import { Frame } from "../layout/frame.tsx";
import { Empty } from "../layout/parts.tsx";
import { newPages } from "../route.ts";
import { InstanceRow } from "./row.tsx";

const PAGE = 50;

/** What runs, why, since when, and what it costs. */
export const listPage = newPages().get("/dashboard", async (c) => {
  const { ctx, session } = c.var;
  const [{ items }, agents] = await Promise.all([
    readOverview(ctx, { limit: PAGE, exposure: "all" }),
    liveAgents(ctx.env, ctx.now),
  ]);
  const names = new Map(agents.map(({ id, name }) => [id, name]));
  return c.html(
    <Frame session={session} title="Instances" place="Instances">
      <h1>Instances</h1>
      {items.length === 0 ? (
        <Empty title="No instances yet" />
      ) : (
        <table>
          <thead>
            <tr>
              {["Name", "State", "Why", "Agent", "Region", "Up", "Today", "Actions"].map((name) => (
                <th scope="col">{name}</th>
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
      )}
    </Frame>,
  );
});
