import { execFile } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bootMessage } from "./boot-message.ts";
import type { Cgroups } from "./cgroups.ts";
import { type Bind, GUEST_COMMAND, guestBinds, hostProgram, hostSystem, INSIDE_PATH } from "./host-binds.ts";
import { launchMachine } from "./launch.ts";
import { account, linkSystem, makeRootDisk, mountPoints } from "./root-disk.ts";
import type { BootSpec, MachineSink, RunningMachine, Runtime } from "./runtime.ts";

const run = promisify(execFile);

/** What root may do inside: change owners and users and signal, as in any container; nothing that reaches the host. */
const CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_NET_BIND_SERVICE",
  "CAP_SETGID",
  "CAP_SETUID",
];

/**
 * `privileged`: the program is root, and users inside are real ones. `user-namespace`: anybody may, but there is one user inside,
 * called root; files cannot be given to another.
 */
export type Privilege = "privileged" | "user-namespace";

function namespaceArguments(privilege: Privilege): string[] {
  const namespaces = ["pid", "net", "ipc", "uts"].map((name) => `--unshare-${name}`);
  if (privilege === "user-namespace") return [...namespaces, "--unshare-user", "--uid", "0", "--gid", "0"];
  return [...namespaces, "--cap-drop", "ALL", ...CAPABILITIES.flatMap((name) => ["--cap-add", name])];
}

export interface Enclosure {
  privilege: Privilege;
  root: string;
  hostname: string;
  readOnly: Bind[];
  writable: Bind[];
}

/** The bubblewrap call that closes a machine in. */
export function bubblewrapCommand({ privilege, root, hostname, readOnly, writable }: Enclosure): string[] {
  return [
    hostProgram("bwrap"),
    ...namespaceArguments(privilege),
    ...["--hostname", hostname, "--die-with-parent", "--new-session", "--bind", root, "/"],
    ...[...hostSystem().binds, ...guestBinds(), ...readOnly].flatMap(({ from, to }) => [
      "--ro-bind",
      from,
      to,
    ]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...writable.flatMap(({ from, to }) => ["--bind", from, to]),
    ...["--chdir", "/", "--", ...GUEST_COMMAND],
  ];
}

/** Tries it for real: a kernel, a container or a policy may forbid what the binary offers. */
export async function findBubblewrap(): Promise<Privilege | undefined> {
  const root = await mkdtemp(join(tmpdir(), "localcloud-probe-"));
  try {
    await linkSystem(root);
    const candidates: Privilege[] =
      process.getuid?.() === 0 ? ["privileged", "user-namespace"] : ["user-namespace"];
    for (const privilege of candidates) {
      const [command = "", ...args] = bubblewrapCommand({
        privilege,
        root,
        hostname: "probe",
        readOnly: [],
        writable: [],
      });
      const works = await run(command, [
        ...args.slice(0, args.indexOf("--")),
        "--",
        "/bin/sh",
        "-c",
        "exit 0",
      ]).then(
        () => true,
        () => false,
      );
      if (works) return privilege;
    }
    return undefined;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

export class BubblewrapRuntime implements Runtime {
  readonly isolation = "bubblewrap";
  readonly limits: string[];
  private readonly cgroups: Cgroups;
  private readonly privilege: Privilege;

  constructor(cgroups: Cgroups, privilege: Privilege) {
    this.cgroups = cgroups;
    this.privilege = privilege;
    this.limits = [
      ...(cgroups.names.length === 0
        ? ["no memory, CPU or process bounds: control groups cannot be written"]
        : []),
      ...(privilege === "user-namespace"
        ? ["one user inside a machine: files cannot be given to another"]
        : []),
    ];
  }

  async boot(spec: BootSpec, sink: MachineSink): Promise<RunningMachine> {
    const user = account(spec.user);
    const root = join(spec.machineDir, "root");
    const canChown = this.privilege === "privileged";
    await makeRootDisk({
      root,
      hostname: spec.machineId,
      user,
      canChown,
      keep: spec.keepRootDisk,
      mountPoints: mountPoints(spec),
      chown,
    });
    return launchMachine({
      isolation: this.isolation,
      command: bubblewrapCommand({
        privilege: this.privilege,
        root,
        hostname: spec.machineId,
        readOnly: spec.image.binds,
        writable: spec.mounts,
      }),
      env: { PATH: INSIDE_PATH },
      boot: bootMessage(spec, {
        user: canChown ? user : { ...user, uid: 0, gid: 0 },
        hasEgressProxy: true,
        pathPrefix: "/",
      }),
      cgroup: await this.cgroups.create(spec.machineId, spec.limits),
      sink,
      // bubblewrap outside, bubblewrap as process 1, our first process.
      machinery: 3,
    });
  }

  /** Namespaces end with their first process, and control groups were swept when they were set up. */
  async sweep(): Promise<void> {}

  close(): Promise<void> {
    return this.cgroups.close();
  }
}
