import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bundleHostProgram } from "../../src/dev/host-program.ts";

export interface ServerOptions {
  controlUrl: string;
  instanceId: string;
  enrolmentSecret: string;
  dockerHost: string;
  /** Programs that stand in for the server's own. */
  programs?: Record<string, string>;
  node?: string;
}

/** A folder as a server's root, with the host program in it as a real process. */
export class Server {
  readonly root = mkdtempSync(join(tmpdir(), "gentity-host-"));
  readonly stateDir = join(this.root, "var/lib/gentity");
  output = "";
  private readonly options: ServerOptions;
  private process: ChildProcess | undefined;

  private constructor(options: ServerOptions) {
    this.options = options;
  }

  static async make(options: ServerOptions): Promise<Server> {
    const server = new Server(options);
    const { root } = server;
    for (const folder of ["etc/gentity", "opt/gentity", "var/lib", "mnt/gentity", "bin"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    const { controlUrl, instanceId, enrolmentSecret } = options;
    const config = { controlUrl, instanceId, enrolmentSecret, volume: "1234" };
    writeFileSync(join(root, "etc/gentity/host.json"), JSON.stringify(config), { mode: 0o600 });
    writeFileSync(join(root, "opt/gentity/host.mjs"), await bundleHostProgram());
    for (const [name, script] of Object.entries(options.programs ?? {})) {
      writeFileSync(join(root, "bin", name), script, { mode: 0o755 });
    }
    server.start();
    return server;
  }

  start(): void {
    const { root } = this;
    const program = join(root, "opt/gentity/host.mjs");
    const args = [program, "--config", join(root, "etc/gentity/host.json"), "--state", this.stateDir];
    const child = spawn(this.options.node ?? process.execPath, args, {
      env: { PATH: `${join(root, "bin")}:${process.env.PATH}`, DOCKER_HOST: this.options.dockerHost },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (data: Buffer) => {
        this.output += data.toString();
      });
    }
    this.process = child;
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  /** Ends the host program alone. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    return ended;
  }

  state(name: string): string {
    return readFileSync(join(this.stateDir, name), "utf8");
  }

  /** As somebody else's server, with the same user data. */
  forgetKey(): void {
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** What `look` answers once it is true. */
export async function until<T>(look: () => Promise<T> | T, wanted: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const value = await look();
    if (wanted(value)) return value;
    await sleep(50);
  }
  throw new Error(`still not so: ${JSON.stringify(await look())}`);
}
