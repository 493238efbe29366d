import type { ListedInstance } from "../../services/instances/overview.ts";
import type { Session } from "../../services/sessions/authenticate.ts";
import { EstimatedCost } from "../layout/parts.tsx";
import { Live, liveData } from "./live-element.tsx";
import { renderParts } from "./live-parts.tsx";

export { AwakeNote } from "./awake-note.tsx";

/** The columns, in their order, by what a narrow screen calls them. */
export const COLUMNS = ["Instance", "State", "Why", "Agent", "Region", "Up", "Today", "Actions"] as const;

/** One instance in the list. */
export function InstanceRow({
  listed: { row, today },
  agentName,
  session,
}: {
  listed: ListedInstance;
  agentName: string;
  session: Pick<Session, "formToken">;
}) {
  const { parts, mark } = renderParts("row", row, session);
  const live = (name: string) => <Live name={name} html={parts[name] ?? ""} />;
  return (
    <tr {...liveData("row", row, mark)}>
      <th scope="row" class="name">
        <a href={`/dashboard/instances/${row.id}`}>{row.name}</a>
        <Tags row={row} />
      </th>
      <td data-label="State">{live("state")}</td>
      <td class="why" data-label="Why">
        {live("awake")}
      </td>
      <td data-label="Agent">
        {agentName} {row.modelName === "" ? null : <small>{row.modelName}</small>}
      </td>
      <td data-label="Region">
        {row.region} <small>{row.provider}</small>
      </td>
      <td class="number" data-label="Up">
        {live("uptime")}
      </td>
      <td class="number" data-label="Today">
        <EstimatedCost micros={Math.round(today.costMicros)} />
      </td>
      <td class="act">{live("actions")}</td>
    </tr>
  );
}

function Tags({ row: { exposure, workspaceId, labels } }: { row: ListedInstance["row"] }) {
  const entries = Object.entries(labels);
  if (exposure === "public" && entries.length === 0) {
    return null;
  }
  return (
    <span class="tags">
      {exposure === "private" ? <span class="tag body">body of {workspaceId}</span> : null}
      {entries.map(([key, value]) => (
        <span class="tag">{value === "" ? key : `${key}=${value}`}</span>
      ))}
    </span>
  );
}
