import { canBeSuspended } from "../../services/instances/sleep.ts";
import { type HourlyPrice, hourlyPrice } from "../../services/usage/price.ts";
import { Facts } from "../layout/lists.tsx";
import { EstimatedCost, formatDuration, Moment } from "../layout/parts.tsx";
import type { InstanceView } from "./view.ts";

/** What an instance is and how it was made: all of it but its address, and never a value of its environment. */
export function InstanceFacts({ view }: { view: InstanceView }) {
  const { now } = view;
  const { cpus, cpuKind, memoryMb, volumeGb } = now.spec;
  return (
    <section aria-labelledby="facts-title">
      <h2 id="facts-title">Facts</h2>
      <Facts
        rows={[
          ["Id", <code>{now.id}</code>],
          ["Body of workspace", now.workspaceId === null ? undefined : <code>{now.workspaceId}</code>],
          ["Agent", now.agentType],
          [
            "Model",
            <>
              {now.modelName} <span class="quiet">by {now.modelProvider}</span>
            </>,
          ],
          ["Provider, region", `${now.provider}, ${now.region}`],
          [
            "Size",
            `${cpus} ${cpuKind} ${cpus === 1 ? "CPU" : "CPUs"}, ${formatMemory(memoryMb)} of memory, ${volumeGb} GB volume`,
          ],
          ["Price", <Price price={hourlyPrice(now, Date.now())} />],
          [
            "Release",
            <>
              {now.release}
              {isBehind(view) ? <span class="quiet">{` · current is ${view.latestRelease}`}</span> : null}
            </>,
          ],
          [
            "Image",
            <>
              <code>{now.image}</code>
              {now.image.includes("@sha256:") ? null : (
                <span class="quiet"> named by its tag: its publisher gave no digest</span>
              )}
            </>,
          ],
          ["Environment", <Names names={view.envNames} />],
          ["Labels", <Labels labels={now.labels} />],
          ["Sleeps", <Sleeps now={now} />],
          ["Wakes", isSleeper(now) ? <Schedule view={view} /> : undefined],
          ["Created", <Moment at={now.createdAt} />],
          ["Deleted", now.deletedAt === null ? undefined : <Moment at={now.deletedAt} />],
        ]}
      />
    </section>
  );
}

export function isBehind({ now, latestRelease }: InstanceView): boolean {
  return now.release !== latestRelease;
}

function Price({ price }: { price: HourlyPrice | undefined }) {
  return price === undefined ? (
    <span class="quiet">not known</span>
  ) : (
    <>
      <EstimatedCost micros={price.runningMicros} /> an hour while it runs,{" "}
      <EstimatedCost micros={price.pausedMicros} /> while it does not
    </>
  );
}

function formatMemory(mb: number): string {
  return mb % 1024 === 0 ? `${mb / 1024} GB` : `${mb} MB`;
}

function Names({ names }: { names: string[] | null }) {
  if (names === null) {
    return <span class="quiet">not known</span>;
  }
  if (names.length === 0) {
    return <span class="quiet">nothing set besides the model key</span>;
  }
  return (
    <>
      {names.map((name) => (
        <>
          <code>{name}</code>{" "}
        </>
      ))}
      <span class="quiet">values are never shown</span>
    </>
  );
}

function Labels({ labels }: { labels: Record<string, string> }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) {
    return <span class="quiet">none</span>;
  }
  return (
    <>
      {entries.map(([key, value]) => (
        <>
          <code>{value === "" ? key : `${key}=${value}`}</code>{" "}
        </>
      ))}
    </>
  );
}

/** A body that cannot be suspended is stopped instead, and started by its next use. */
function isSleeper(now: InstanceView["now"]): boolean {
  return now.exposure === "private" || canBeSuspended(now);
}

function Sleeps({ now }: Pick<InstanceView, "now">) {
  if (!isSleeper(now)) {
    return <>never: its machine cannot be suspended</>;
  }
  return now.idleTimeoutSeconds === null ? (
    <>never by itself</>
  ) : (
    <>after {formatDuration(now.idleTimeoutSeconds)} without work</>
  );
}

function Schedule({ view: { now } }: { view: InstanceView }) {
  if (now.wakeAt === null && now.wakeCron === null) {
    return <>when it is used</>;
  }
  return (
    <>
      when it is used
      {now.wakeAt === null ? null : (
        <>
          , and once at <Moment at={now.wakeAt} />
        </>
      )}
      {now.wakeCron === null ? null : (
        <>
          , and by <code>{now.wakeCron}</code> (UTC)
        </>
      )}
    </>
  );
}
