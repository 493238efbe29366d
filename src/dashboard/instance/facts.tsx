import type { Child } from "hono/jsx";
import { formatDuration, Moment } from "../layout/parts.tsx";
import type { InstanceView } from "./view.ts";

function Fact({ name, children }: { name: string; children?: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What an instance is and how it was made: all of it but its address, and never a value of its environment. */
export function Facts({ view }: { view: InstanceView }) {
  const { now } = view;
  const { cpus, cpuKind, memoryMb, volumeGb } = now.spec;
  return (
    <section aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <dl class="facts">
        <Fact name="Id">
          <code>{now.id}</code>
        </Fact>
        {now.workspaceId === null ? null : (
          <Fact name="Body of workspace">
            <code>{now.workspaceId}</code>
          </Fact>
        )}
        <Fact name="Agent">{now.agentType}</Fact>
        <Fact name="Model">
          {now.modelName} <span class="quiet">by {now.modelProvider}</span>
        </Fact>
        <Fact name="Provider and region">
          {now.provider}, {now.region}
        </Fact>
        <Fact name="Size">
          {`${cpus} ${cpuKind} ${cpus === 1 ? "CPU" : "CPUs"}, ${formatMemory(memoryMb)} of memory`}
        </Fact>
        <Fact name="Volume">{`${volumeGb} GB`}</Fact>
        <Fact name="Release">
          {now.release}
          {isBehind(view) ? <span class="quiet">{` · current is ${view.latestRelease}`}</span> : null}
        </Fact>
        <Fact name="Image">
          <code class="long">{now.image}</code>
        </Fact>
        <Fact name="Environment">
          <Names names={view.envNames} />
        </Fact>
        <Fact name="Labels">
          <Labels labels={now.labels} />
        </Fact>
        <Fact name="Sleeps">
          {now.idleTimeoutSeconds === null
            ? "never by itself"
            : `after ${formatDuration(now.idleTimeoutSeconds)} without work`}
        </Fact>
        <Fact name="Wakes">
          <Schedule view={view} />
        </Fact>
        <Fact name="Created">
          <Moment at={now.createdAt} />
        </Fact>
        {now.deletedAt === null ? null : (
          <Fact name="Deleted">
            <Moment at={now.deletedAt} />
          </Fact>
        )}
      </dl>
    </section>
  );
}

export function isBehind({ now, latestRelease }: InstanceView): boolean {
  return now.release !== latestRelease;
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
        <code class="tag">{name}</code>
      ))}{" "}
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
        <code class="tag">{value === "" ? key : `${key}=${value}`}</code>
      ))}
    </>
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
