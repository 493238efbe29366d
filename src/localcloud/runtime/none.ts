import { mkdir, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { processesWithEnv } from "../../os/processes.ts";
import { bootMessage } from "./boot-message.ts";
import type { Cgroups } from "./cgroups.ts";
import { killTree } from "./freezer.ts";
import { launchMachine } from "./launch.ts";
import { processTree } from "./process-tree.ts";
import { removeTree } from "./remove-tree.ts";
import { account } from "./root-disk.ts";
import type { BootSpec, MachineSink, RunningMachine, Runtime } from "./runtime.ts";

const GUEST = fileURLToPath(new URL("../guest/main.ts", import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

/**
 * Plain processes of the user who runs the program. A machine has a folder, not a world: it sees the host's files and network,
 * the paths it was promised lie under its folder (HOME, the working directory and the volume's link), and because ports are
 * shared it must listen where PORT says.
 */
export class NoIsolationRuntime implements Runtime {
  readonly isolation = "none";
  readonly limits: string[];
  private readonly cgroups: Cgroups;

  constructor(cgroups: Cgroups) {
    this.cgroups = cgroups;
    this.limits = [
      "machines see the host's files, processes and network: use it for software you trust",
      "absolute paths (a volume's mount, config files) are under the machine's folder, named by LOCALCLOUD_ROOT",
      "a machine must listen on PORT; a fixed port cannot be reached",
      ...(cgroups.names.length === 0
        ? ["no memory, CPU or process bounds: control groups cannot be written"]
        : []),
    ];
  }

  async boot(spec: BootSpec, sink: MachineSink): Promise<RunningMachine> {
    const root = join(spec.machineDir, "root");
    if (!spec.keepRootDisk) await removeTree(root);
    const user = account(spec.user);
    for (const dir of ["tmp", "root", user.home]) await mkdir(join(root, dir), { recursive: true });
    for (const { from, to } of [...spec.image.binds, ...spec.mounts]) {
      const at = join(root, to);
      await mkdir(dirname(at), { recursive: true });
      await rm(at, { force: true });
      await symlink(from, at);
    }
    // Every configured port has a real one; the first is the one PORT names.
    const ports = new Map<number, number>();
    for (const port of spec.ports) ports.set(port, await freePort());
    const [first] = spec.ports;
    const env: Record<string, string> = {
      LOCALCLOUD_ROOT: root,
      TMPDIR: join(root, "tmp"),
      PATH: hostPath(),
    };
    if (first !== undefined) env.PORT = String(ports.get(first));
    const prefixed = { ...spec, argv: spec.argv.map((word) => this.locate(word, spec, root)) };
    const machine = await launchMachine({
      isolation: this.isolation,
      command: [process.execPath, "--disable-warning=ExperimentalWarning", GUEST],
      env: { PATH: hostPath(), FLY_MACHINE_ID: spec.machineId },
      cwd: root,
      boot: bootMessage(prefixed, {
        user: { ...user, uid: 0, gid: 0 },
        hasEgressProxy: false,
        pathPrefix: root,
        env,
      }),
      cgroup: await this.cgroups.create(spec.machineId, spec.limits),
      sink,
      machinery: 1,
      members: (pid) => members(pid, spec.machineId),
    });
    const connect = machine.connect.bind(machine);
    machine.connect = (port) => connect(ports.get(port) ?? port);
    return machine;
  }

  /** A word of the command that names one of the image's own files is that file. */
  private locate(word: string, { image }: BootSpec, root: string): string {
    return image.binds.some(({ to }) => word === to || word.startsWith(`${to}/`)) ? join(root, word) : word;
  }

  async sweep(machineDir: string): Promise<void> {
    await killTree(-1, () => processesWithEnv(`FLY_MACHINE_ID=${basename(machineDir)}`));
  }

  close(): Promise<void> {
    return this.cgroups.close();
  }
}

/** The node that runs this program comes first, as it does in a closed machine. */
function hostPath(): string {
  return `${dirname(process.execPath)}:${process.env.PATH ?? "/usr/bin:/bin"}`;
}

/** The tree, and what left it: every process of a machine carries the machine's id in its environment. */
async function members(root: number, machineId: string): Promise<number[]> {
  const tree = await processTree(root);
  const strays = await processesWithEnv(`FLY_MACHINE_ID=${machineId}`);
  return [...new Set([...tree, ...strays])];
}
