/** Pure: a container as something to run. */
import { posix } from "node:path";
import type { ResolvedImage } from "../images/image.ts";
import type { BootSpec } from "../runtime/runtime.ts";
import type { ContainerRecord } from "./records.ts";
import { badRequest, unsupported } from "./refusal.ts";
import { type ContainerRequest, environmentOf, portNumber } from "./requests.ts";

/** A container without a bound has the whole server; this is how much of it there is. */
const SERVER_MEMORY_MB = 4096;
const SERVER_CPUS = 2;
const ID_LENGTH = 12;

export interface Bind {
  /** On the server. */
  source: string;
  target: string;
}

export function shortId({ id }: Pick<ContainerRecord, "id">): string {
  return id.slice(0, ID_LENGTH);
}

/** @throws Refusal for what would need another effect than it would have here. */
export function bindsOf({ HostConfig }: ContainerRequest): Bind[] {
  const words = (HostConfig?.Binds ?? []).map((word) => {
    const [source = "", target = "", options = ""] = word.split(":");
    return { source, target, isReadOnly: options.split(",").includes("ro") };
  });
  const mounts = (HostConfig?.Mounts ?? []).map(({ Type, Source, Target, ReadOnly }) => {
    if (Type !== "bind") throw unsupported(`a mount of type ${Type}`);
    return { source: Source, target: Target, isReadOnly: ReadOnly === true };
  });
  return [...words, ...mounts].map(({ source, target, isReadOnly }) => {
    if (!source.startsWith("/")) throw unsupported(`the named volume ${source}`);
    if (!target.startsWith("/"))
      throw badRequest(`invalid mount path: '${target}' mount path must be absolute`);
    if (isReadOnly) throw unsupported("a read-only mount");
    return { source: posix.normalize(source), target: posix.normalize(target) };
  });
}

/** What is accepted has its effect, or is nobody's business but the kernel's. */
export function checkRequest(request: ContainerRequest): void {
  bindsOf(request);
  if (request.Tty) throw unsupported("a terminal for the main command");
  const policy = request.HostConfig?.RestartPolicy?.Name || "no";
  if (policy !== "no") throw unsupported(`the restart policy ${policy}`);
}

/** An entrypoint of one's own takes the image's command away with the image's entrypoint. */
export function commandOf({ Entrypoint, Cmd }: ContainerRequest, image: ResolvedImage): string[] {
  const entrypoint = Entrypoint ?? image.entrypoint;
  const command = Cmd ?? (Entrypoint ? [] : image.cmd);
  const argv = [...entrypoint, ...command];
  const isConfigured = (Entrypoint?.length ?? 0) > 0 || (Cmd?.length ?? 0) > 0;
  return isConfigured && image.bundledCommand ? image.bundledCommand(argv) : argv;
}

function portsOf({ ExposedPorts, HostConfig }: ContainerRequest): number[] {
  const keys = [...Object.keys(HostConfig?.PortBindings ?? {}), ...Object.keys(ExposedPorts ?? {})];
  return [...new Set(keys.map(portNumber))];
}

export interface Places {
  machineDir: string;
  mounts: BootSpec["mounts"];
}

export function bootSpec(
  container: ContainerRecord,
  image: ResolvedImage,
  { machineDir, mounts }: Places,
): BootSpec {
  const { request, pendingFiles, hasRun } = container;
  const { Memory, NanoCpus } = request.HostConfig ?? {};
  return {
    machineId: shortId(container),
    image,
    argv: commandOf(request, image),
    env: environmentOf(request.Env),
    workdir: request.WorkingDir || image.workdir || "/",
    user: request.User || undefined,
    files: pendingFiles.map(({ base64, ...file }) => ({ ...file, content: Buffer.from(base64, "base64") })),
    mounts,
    machineDir,
    keepRootDisk: hasRun,
    mayKeepRootDisk: true,
    ports: portsOf(request),
    limits: {
      memoryMb: Memory ? Math.ceil(Memory / 2 ** 20) : SERVER_MEMORY_MB,
      cpus: NanoCpus ? NanoCpus / 1e9 : SERVER_CPUS,
    },
  };
}
