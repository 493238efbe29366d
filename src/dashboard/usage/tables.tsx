import type { UsageOverview } from "../../services/usage/overview.ts";
import type { UsageLine } from "../../services/usage/read.ts";
import { formatDay } from "../../usage/day.ts";
import { Pagination, Scroll } from "../layout/lists.tsx";
import { EstimatedCost, formatDuration } from "../layout/parts.tsx";
import { usageAddress } from "./choice.tsx";
import { formatGbHours } from "./figures.tsx";
import type { Range } from "./range.ts";

/** Newest first. */
export function DayTable({ usage: { lines } }: { usage: UsageOverview }) {
  return (
    <Scroll label="Usage by day">
      <table class="cards">
        <caption>Days on which something was used, newest first</caption>
        <Head first="Day" />
        <tbody>
          {lines.map((line) => (
            <tr>
              <th scope="row">
                {formatDay(line.day ?? 0)} <Unfinished line={line} />
              </th>
              <Quantities line={line} />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Newest first; also those that are gone, since what they used stays. */
export function InstanceTable({
  usage,
  range,
  isLater,
}: {
  usage: UsageOverview;
  range: Range;
  isLater: boolean;
}) {
  const { lines, nextCursor } = usage;
  return (
    <>
      <Scroll label="Usage by instance">
        <table class="cards">
          <caption>Instances that used something, the newest first</caption>
          <Head first="Instance" />
          <tbody>
            {lines.map((line) => (
              <tr>
                <th scope="row">
                  <InstanceName line={line} />
                </th>
                <Quantities line={line} />
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Pagination
        shown={`${lines.length} ${lines.length === 1 ? "instance" : "instances"}, newest first`}
        first={isLater ? usageAddress("instance", range) : undefined}
        next={nextCursor === null ? undefined : usageAddress("instance", range, undefined, nextCursor)}
      />
    </>
  );
}

function InstanceName({ line: { instanceId, name, deletedAt } }: { line: UsageLine }) {
  const id = instanceId ?? "";
  if (name === null) {
    return (
      <>
        <code>{id}</code> <span class="badge">handed on</span>
      </>
    );
  }
  return (
    <>
      <a href={`/dashboard/instances/${encodeURIComponent(id)}`}>{name}</a>{" "}
      {deletedAt === null ? null : <span class="badge">deleted</span>}
      <span class="under">
        <code>{id}</code>
      </span>
    </>
  );
}

function Head({ first }: { first: string }) {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {["Running", "Paused", "Volumes", "Cost"].map((name) => (
          <th scope="col" class="number">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Quantities({ line: { runningMs, pausedMs, volumeGbMs, costMicros } }: { line: UsageLine }) {
  return (
    <>
      <td class="number" data-label="Running">
        {formatDuration(runningMs / 1000)}
      </td>
      <td class="number" data-label="Paused">
        {formatDuration(pausedMs / 1000)}
      </td>
      <td class="number" data-label="Volumes">
        {formatGbHours(volumeGbMs)}
      </td>
      <td class="number" data-label="Cost">
        <EstimatedCost micros={costMicros} />
      </td>
    </>
  );
}

function Unfinished({ line: { final, reopened } }: { line: UsageLine }) {
  if (final) {
    return null;
  }
  return <span class="badge">{reopened ? "to be counted again" : "still counting"}</span>;
}
