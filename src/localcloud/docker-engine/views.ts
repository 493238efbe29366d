/** Containers as the engine shows them. */
import { bindsOf, shortId } from "./boot-spec.ts";
import type { Container } from "./container.ts";
import type { Published } from "./published-ports.ts";
import { portNumber } from "./requests.ts";

function portsView(ports: readonly Published[]) {
  const byKey = Map.groupBy(ports, ({ key }) => key);
  return Object.fromEntries(
    [...byKey].map(([key, published]) => [
      key.includes("/") ? key : `${key}/tcp`,
      published.map(({ hostIp, hostPort }) => ({ HostIp: hostIp, HostPort: String(hostPort) })),
    ]),
  );
}

function statusText({ record }: Container): string {
  if (record.status === "exited") return `Exited (${record.exitCode})`;
  return { created: "Created", running: "Up", paused: "Up (Paused)" }[record.status];
}

export function inspectView(container: Container, ports: readonly Published[]) {
  const { record } = container;
  const { request } = record;
  const { HostConfig, ...config } = request;
  const isUp = record.status === "running" || record.status === "paused";
  return {
    Id: record.id,
    Name: `/${record.name}`,
    Created: record.createdAt,
    Image: record.imageId,
    Path: request.Entrypoint?.[0] ?? request.Cmd?.[0] ?? "",
    Args: [],
    RestartCount: record.restarts,
    Driver: "folder",
    Platform: "linux",
    State: {
      Status: record.status,
      Running: isUp,
      Paused: record.status === "paused",
      Restarting: false,
      OOMKilled: record.oomKilled,
      Dead: false,
      Pid: 0,
      ExitCode: record.exitCode,
      Error: record.error,
      StartedAt: record.startedAt,
      FinishedAt: record.finishedAt,
    },
    Config: {
      Hostname: shortId(record),
      ...config,
      User: config.User ?? "",
      Env: config.Env ?? [],
      Cmd: config.Cmd ?? null,
      Entrypoint: config.Entrypoint ?? null,
      WorkingDir: config.WorkingDir ?? "",
      Labels: config.Labels ?? {},
      Tty: false,
    },
    HostConfig: { RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, ...HostConfig },
    Mounts: bindsOf(request).map(({ source, target }) => ({
      Type: "bind",
      Source: source,
      Destination: target,
      Mode: "",
      RW: true,
      Propagation: "rprivate",
    })),
    NetworkSettings: { Ports: portsView(ports), Networks: {}, IPAddress: "" },
  };
}

export function listView(container: Container, ports: readonly Published[]) {
  const { record } = container;
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: record.request.Image,
    ImageID: record.imageId,
    Command: [...(record.request.Entrypoint ?? []), ...(record.request.Cmd ?? [])].join(" "),
    Created: Math.floor(Date.parse(record.createdAt) / 1000),
    Ports: ports.map(({ key, hostIp, hostPort }) => ({
      IP: hostIp,
      PrivatePort: portNumber(key),
      PublicPort: hostPort,
      Type: "tcp",
    })),
    Labels: record.request.Labels ?? {},
    State: record.status,
    Status: statusText(container),
    HostConfig: { NetworkMode: "default" },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  };
}
