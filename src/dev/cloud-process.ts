import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { LocalPorts } from "./state.ts";

/** The local deployment's own domain. */
export const ZONE = "gentity.localhost";

const FLAGS = {
  cloudPort: "--port",
  proxyPort: "--proxy-port",
  hetznerPort: "--hetzner-port",
  cloudflarePort: "--cloudflare-port",
  tunnelPort: "--tunnel-port",
  tunnelEdgePort: "--tunnel-edge-port",
  daytonaPort: "--daytona-port",
  openidPort: "--openid-port",
} as const satisfies Record<keyof LocalPorts, string>;

export interface CloudProcess {
  cloudUrl: string;
  proxyUrl: string;
  hetznerUrl: string;
  cloudflareUrl: string;
  tunnelUrl: string;
  daytonaUrl: string;
  daytonaToolboxUrl: string;
  /** The identity provider's issuer. */
  openidUrl: string;
  /** Which walls its machines have. */
  isolation: string;
  /** How it ended. */
  exited: Promise<string>;
}

interface CloudOptions {
  root: string;
  stateDir: string;
  ports: LocalPorts;
  /** Where instances are reached by their addresses, also from one another. */
  apiPort: number;
  token: string;
  /** Ends it, also while it is still starting. */
  signal: AbortSignal;
  /** Called when it ends without having been asked to. */
  onCrash: (how: string) => void;
}

/** The local cloud as a process of its own: a control plane that dies must not take machines with it, nor the reverse. */
export async function startCloudProcess(options: CloudOptions): Promise<CloudProcess> {
  const { root, stateDir, ports, token } = options;
  const child = spawn(
    process.execPath,
    [
      join(root, "src/localcloud/main.ts"),
      ...["--state", join(stateDir, "cloud"), "--zone", ZONE],
      ...Object.entries(FLAGS).flatMap(([name, flag]) => [flag, String(ports[name as keyof LocalPorts])]),
      ...signInHosts().flatMap((host) => [
        "--openid-redirect",
        `http://${host}:${options.apiPort}/sign-in/callback`,
      ]),
      ...["--allow-egress", `*.${ZONE}:${options.apiPort}`],
      "--while-stdin-open",
    ],
    // Its own group: Ctrl-C reaches the launcher, which then ends everything in order. The token does not show in `ps`.
    {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
      env: { ...process.env, LOCALCLOUD_TOKEN: token },
    },
  );
  options.signal.addEventListener("abort", () => child.kill("SIGTERM"));
  const exited = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const ready = await Promise.race([readReadyLine(child), exited]);
  if (typeof ready === "string") {
    throw new Error(`the local cloud did not start (${ready})`);
  }
  void exited.then((how) => {
    if (!options.signal.aborted) {
      options.onCrash(how);
    }
  });
  return { ...ready, exited };
}

/** The names that people reach the dashboard by. */
function signInHosts(): string[] {
  return ["localhost", "127.0.0.1", "[::1]", ZONE];
}

function readReadyLine(child: ChildProcess): Promise<Omit<CloudProcess, "exited">> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) {
      reject(new Error("the local cloud has no output"));
      return;
    }
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { event, ...ready } = JSON.parse(line) as { event?: string } & Omit<CloudProcess, "exited">;
      if (event === "ready") {
        resolve(ready);
      }
    });
  });
}
