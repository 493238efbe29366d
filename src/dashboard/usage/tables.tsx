import type { UsageOverview } from "../../services/usage/overview.ts";
import type { UsageLine } from "../../services/usage/read.ts";
import { formatDay } from "../../usage/day.ts";
import { EstimatedCost, formatDuration } from "../layout/parts.tsx";
import { usageAddress } from "./choice.tsx";
import { formatGbHours } from "./figures.tsx";
import type { Range } from "./range.ts";

/** Newest first. */
export function DayTable({ usage: { lines } }: { usage: UsageOverview }) {
  return (
    <section class="wide-table" aria-label="Usage by day" tabindex={0}>
      <table>
        <caption class="quiet">Days on which something was used, newest first</caption>
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
    </section>
  );
}

/** Newest first; also those that are gone, since what they used stays. */
export function InstanceTable({ usage, range }: { usage: UsageOverview; range: Range }) {
  const { lines, nextCursor } = usage;
  return (
    <>
      <section class="wide-table" aria-label="Usage by instance" tabindex={0}>
        <table>
          <caption class="quiet">Instances that used something, the newest first</caption>
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
      </section>
      {nextCursor === null ? null : (
        <p>
          <a class="button" rel="next" href={usageAddress("instance", range, undefined, nextCursor)}>
            Older instances
          </a>
        </p>
      )}
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
      <span class="about quiet">
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
      <td class="number">{formatDuration(runningMs / 1000)}</td>
      <td class="number">{formatDuration(pausedMs / 1000)}</td>
      <td class="number">{formatGbHours(volumeGbMs)}</td>
      <td class="number">
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
