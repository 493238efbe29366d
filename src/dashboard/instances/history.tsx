import { liveAgents } from "../../services/catalog/live.ts";
import { type DeletedInstance, listDeleted } from "../../services/instances/deleted.ts";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Pagination } from "../layout/lists.tsx";
import { Empty, EstimatedCost, formatDuration, Moment } from "../layout/parts.tsx";
import { newPages } from "../route.ts";
import { PAGE_SIZE } from "./filter.tsx";

const COLUMNS = ["Instance", "Agent", "Region", "Made", "Deleted", "Ran", "Cost", "Records"];

/** What was deleted: its disk and its URL are gone, its records stay. */
export const historyPage = newPages().get("/dashboard/history", async (c) => {
  const { ctx, session } = c.var;
  const cursor = c.req.query("cursor");
  const [{ items, nextCursor }, agents] = await Promise.all([
    listDeleted(ctx, { limit: PAGE_SIZE, ...(cursor && { cursor: cursor.slice(0, 100) }) }),
    liveAgents(ctx.env, ctx.now),
  ]);
  const names = new Map(agents.map(({ id, name }) => [id, name]));
  return c.html(
    <Frame session={session} title="History" place="Instances" styles={["instances.css"]}>
      <PageHead
        title="Deleted instances"
        up={{ name: "Instances", path: "/dashboard" }}
        about="Machine, disk and URL of these are gone for good. Their events, state periods and usage stay."
      />
      {items.length === 0 ? (
        <Empty title={cursor ? "There are no more" : "Nothing was deleted yet"}>
          <p>
            <a href="/dashboard">To the instances</a>
          </p>
        </Empty>
      ) : (
        <>
          <table class="cards history">
            <caption class="unseen">Deleted instances, newest first</caption>
            <thead>
              <tr>
                {COLUMNS.map((name) => (
                  <th scope="col" class={["Ran", "Cost"].includes(name) ? "number" : undefined}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((deleted) => (
                <Deleted
                  deleted={deleted}
                  agentName={names.get(deleted.row.agentType) ?? deleted.row.agentType}
                />
              ))}
            </tbody>
          </table>
          <Pagination
            shown={`${items.length} deleted, newest first`}
            first={cursor ? "/dashboard/history" : undefined}
            next={nextCursor === null ? undefined : `/dashboard/history?cursor=${nextCursor}`}
          />
        </>
      )}
    </Frame>,
  );
});

function Deleted({ deleted, agentName }: { deleted: DeletedInstance; agentName: string }) {
  const { row, runningMs, costMicros, isCounted } = deleted;
  return (
    <tr>
      <th scope="row">
        <a href={`/dashboard/instances/${row.id}`}>{row.name}</a>
        {row.exposure === "private" ? (
          <span class="tags">
            <span class="tag body">body of {row.workspaceId}</span>
          </span>
        ) : null}
      </th>
      <td data-label="Agent">{agentName}</td>
      <td data-label="Region">{row.region}</td>
      <td data-label="Made">
        <Moment at={row.createdAt} />
      </td>
      <td data-label="Deleted">{row.deletedAt === null ? null : <Moment at={row.deletedAt} />}</td>
      <td data-label="Ran" class="number">
        {formatDuration(runningMs / 1000)}
      </td>
      <td data-label="Cost" class="number">
        <EstimatedCost micros={costMicros} />
        {isCounted ? null : <small class="quiet">{" so far"}</small>}
      </td>
      <td data-label="Records">
        <a href={`/dashboard/audit?instance=${row.id}`} aria-label={`Events of ${row.name}`}>
          Events
        </a>{" "}
        <a href={`/dashboard/usage?instance=${row.id}`} aria-label={`Usage of ${row.name}`}>
          Usage
        </a>
      </td>
    </tr>
  );
}
