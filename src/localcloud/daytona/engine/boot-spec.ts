import type { ResolvedImage } from "../../images/image.ts";
import type { BootSpec } from "../../runtime/runtime.ts";
import { type Build, readDockerfile } from "../dockerfile.ts";
import type { SandboxRecord } from "../records.ts";
import { DAEMON } from "./scripts.ts";

/** Of a snapshot nothing is known here but its name: the computer's own programs, and nothing that runs by itself. */
const SNAPSHOT: ResolvedImage = {
  description: "This computer's own programs: snapshots are not pulled here.",
  real: false,
  entrypoint: [],
  cmd: [],
  env: {},
  binds: [],
};

export interface Contents {
  image: ResolvedImage;
  build: Build;
}

export async function contentsOf(
  { dockerfile }: SandboxRecord,
  resolve: (image: string) => Promise<ResolvedImage>,
): Promise<Contents> {
  if (dockerfile === undefined) return { image: SNAPSHOT, build: { from: "", env: {} } };
  const build = readDockerfile(dockerfile);
  return { image: await resolve(build.from), build };
}

/** What runs beside the vendor's own program in the sandbox: as in any image, an entrypoint sets aside the old command. */
export function entrypointOf({ image, build }: Contents): string[] {
  const { entrypoint, cmd } = build;
  if (entrypoint === undefined && cmd === undefined) return [...image.entrypoint, ...image.cmd];
  const argv = [...(entrypoint ?? image.entrypoint), ...(cmd ?? [])];
  return image.bundledCommand ? image.bundledCommand(argv) : argv;
}

export function bootSpec(record: SandboxRecord, contents: Contents, machineDir: string): BootSpec {
  const { image, build } = contents;
  return {
    machineId: record.id,
    image,
    argv: ["/bin/sh", "-c", DAEMON, "daytona-daemon", String(record.boots), ...entrypointOf(contents)],
    env: { ...build.env, ...record.env, DAYTONA_SANDBOX_ID: record.id },
    workdir: build.workdir ?? image.workdir ?? "/",
    files: [],
    mounts: [],
    machineDir,
    keepRootDisk: record.boots > 1,
    mayKeepRootDisk: true,
    ports: [],
    limits: { memoryMb: record.memory * 1024, cpus: record.cpu },
  };
}
