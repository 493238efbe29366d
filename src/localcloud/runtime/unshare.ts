import { execFile } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { processesWithEnv } from "../../os/processes.ts";
import { bootMessage } from "./boot-message.ts";
import type { Enclosure, Privilege } from "./bubblewrap.ts";
import type { Cgroups } from "./cgroups.ts";
import { killTree } from "./freezer.ts";
import { GUEST_COMMAND, guestBinds, hostProgram, hostSystem, INSIDE_PATH } from "./host-binds.ts";
import { launchMachine } from "./launch.ts";
import { account, linkSystem, makeRootDisk, mountPoints } from "./root-disk.ts";
import type { BootSpec, MachineSink, RunningMachine, Runtime } from "./runtime.ts";

const run = promisify(execFile);

/**
 * Builds the machine's view of the file system and enters it. Arguments: root, hostname, then (`ro`|`rw`, from, to) triples up
 * to `--`, then the command. The shell stays as process 1, where it collects what others leave behind.
 */
const ENTER = `
set -e
root=$1; hostname "$2" 2>/dev/null || true; shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
while [ "$1" != "--" ]; do
  to="$root$3"
  if [ -d "$2" ]; then mkdir -p "$to"; else mkdir -p "$(dirname "$to")"; [ -e "$to" ] || : > "$to"; fi
  mount --bind "$2" "$to"
  if [ "$1" = ro ]; then mount -o remount,bind,ro "$to"; fi
  shift 3
done
shift
mkdir -p "$root/proc" "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 dev "$root/dev"
for name in null zero full random urandom tty; do : > "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"; ln -s /proc/self/fd "$root/dev/fd"
ip link set lo up 2>/dev/null || true
mkdir -p "$root/.host"
cd "$root"
pivot_root . .host
umount -l /.host; rmdir /.host
cd /
"$@" &
wait $!
`;

function unshareCommand(
  { privilege, root, hostname, readOnly, writable }: Enclosure,
  command: string[],
): string[] {
  const binds = [...hostSystem().binds, ...guestBinds(), ...readOnly].map((bind) => [
    "ro",
    bind.from,
    bind.to,
  ]);
  return [
    hostProgram("unshare"),
    ...["--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child"],
    ...(privilege === "user-namespace" ? ["--map-root-user"] : []),
    ...["/bin/sh", "-c", ENTER, "enter", root, hostname],
    ...binds.flat(),
    ...writable.flatMap(({ from, to }) => ["rw", from, to]),
    "--",
    ...command,
  ];
}

/** Tries it for real, with a listener on the loopback that must come up. */
export async function findUnshare(): Promise<Privilege | undefined> {
  if (process.platform !== "linux") return undefined;
  const root = await mkdtemp(join(tmpdir(), "localcloud-probe-"));
  try {
    await linkSystem(root);
    const candidates: Privilege[] =
      process.getuid?.() === 0 ? ["privileged", "user-namespace"] : ["user-namespace"];
    for (const privilege of candidates) {
      const enclosure = { privilege, root, hostname: "probe", readOnly: [], writable: [] };
      const [command = "", ...args] = unshareCommand(enclosure, [
        GUEST_COMMAND[0] ?? "",
        "-e",
        LOOPBACK_CHECK,
      ]);
      const works = await run(command, args).then(
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

const LOOPBACK_CHECK =
  'const s=require("net").createServer(c=>{c.end();s.close()}).listen(0,"127.0.0.1",()=>require("net").connect(s.address().port,"127.0.0.1").on("error",()=>process.exit(1)).resume())';

/** The same closed world as bubblewrap's, made with util-linux. Inside, root keeps the capabilities of its namespaces' owner. */
export class UnshareRuntime implements Runtime {
  readonly isolation = "unshare";
  readonly limits: string[];
  private readonly cgroups: Cgroups;
  private readonly privilege: Privilege;

  constructor(cgroups: Cgroups, privilege: Privilege) {
    this.cgroups = cgroups;
    this.privilege = privilege;
    this.limits = [
      "capabilities inside are not reduced: use it for software you trust",
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
    const enclosure = {
      privilege: this.privilege,
      root,
      hostname: spec.machineId,
      readOnly: spec.image.binds,
      writable: spec.mounts,
    };
    return launchMachine({
      isolation: this.isolation,
      command: unshareCommand(enclosure, GUEST_COMMAND),
      // By the id, what an earlier run left behind is found again.
      env: { PATH: INSIDE_PATH, FLY_MACHINE_ID: spec.machineId },
      boot: bootMessage(spec, {
        user: canChown ? user : { ...user, uid: 0, gid: 0 },
        hasEgressProxy: true,
        pathPrefix: "/",
      }),
      cgroup: await this.cgroups.create(spec.machineId, spec.limits),
      sink,
      // unshare outside, the shell as process 1, our first process.
      machinery: 3,
    });
  }

  /** A stopped process does not notice that the program is gone. */
  sweep(machineDir: string): Promise<void> {
    return killTree(-1, () => processesWithEnv(`FLY_MACHINE_ID=${basename(machineDir)}`));
  }

  close(): Promise<void> {
    return this.cgroups.close();
  }
}
