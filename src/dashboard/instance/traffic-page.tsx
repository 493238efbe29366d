import type { Session } from "../../services/sessions/authenticate.ts";
import { sumOf, type TrafficHour } from "../../services/traffic/sum.ts";
import { Frame } from "../layout/frame.tsx";
import { PageHead } from "../layout/head.tsx";
import { Scroll } from "../layout/lists.tsx";
import { Moment, Note } from "../layout/parts.tsx";
import { instancePath } from "./paths.ts";
import type { ShownTraffic } from "./traffic.ts";
import type { InstanceView } from "./view.ts";

/** What went through an instance's address during the last day, by hour. */
export function TrafficPage({
  session,
  view,
  traffic,
}: {
  session: Session;
  view: InstanceView;
  traffic: ShownTraffic;
}) {
  const { id, name } = view.now;
  return (
    <Frame session={session} title={`Traffic of ${name}`} place="Instances" styles={["instance.css"]}>
      <PageHead title="Traffic" up={{ name, path: instancePath(id) }} />
      {traffic.type === "unread" ? (
        <Note kind="warn">
          {traffic.message} {traffic.hint}
        </Note>
      ) : (
        <>
          <p class="quiet">
            Requests through its address in the last 24 hours; a request is here up to a minute after it was
            answered. {traffic.traffic.sampled ? "There was so much that these are estimates." : null}
          </p>
          <Scroll label="Traffic by hour">
            <Hours hours={traffic.traffic.hours} />
          </Scroll>
        </>
      )}
    </Frame>
  );
}

function Hours({ hours }: { hours: readonly TrafficHour[] }) {
  const total = sumOf(hours);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Hour</th>
          <th scope="col" class="number">
            Requests
          </th>
          <th scope="col" class="number">
            Errors
          </th>
          <th scope="col" class="number">
            Sent
          </th>
          <th scope="col" class="number">
            Median
          </th>
          <th scope="col" class="number">
            95 %
          </th>
        </tr>
      </thead>
      <tbody>
        {hours.map(({ hour, requests, errors, bytesOut, latency }) => (
          <tr>
            <th scope="row">
              <Moment at={hour} />
            </th>
            <td class="number">{requests}</td>
            <td class="number">{errors}</td>
            <td class="number">{formatBytes(bytesOut)}</td>
            <td class="number">{formatMs(latency?.p50)}</td>
            <td class="number">{formatMs(latency?.p95)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">All of it</th>
          <td class="number">{total.requests}</td>
          <td class="number">{total.errors}</td>
          <td class="number">{formatBytes(total.bytesOut)}</td>
          <td />
          <td />
        </tr>
      </tfoot>
    </table>
  );
}

function formatMs(ms: number | undefined): string {
  return ms === undefined ? "—" : `${Math.round(ms)} ms`;
}

function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
