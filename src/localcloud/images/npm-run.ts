import { spawn } from "node:child_process";

export type RunNpm = (wanted: { name: string; version: string; folder: string }) => Promise<void>;

/** Half a gigabyte over a slow line takes minutes; more than this is a line that does not move. */
const TIMEOUT_MS = 10 * 60_000;

/** One retry, because a person waits and there is something to fall back on. */
const OPTIONS = [
  ...["--no-audit", "--no-fund", "--no-package-lock", "--omit=dev", "--loglevel=error"],
  ...["--no-update-notifier", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"],
];

/**
 * Install scripts run on the host with the user's rights, outside of any machine. So those of the hundreds of dependencies
 * are left out, which both agents do without; the agent's own is run, because OpenClaw completes its package in it.
 *
 * @throws Error with npm's reason in one sentence.
 */
export const npmInstall: RunNpm = async ({ name, version, folder }) => {
  await npm(folder, ["install", "--ignore-scripts", `${name}@${version}`]);
  await npm(folder, ["rebuild", name]);
};

function npm(folder: string, [verb = "", ...args]: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", [verb, "--prefix", folder, ...OPTIONS, ...args], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    // Not the option of the same purpose: its timer outlives an npm that could not even be started.
    const timer = setTimeout(() => child.kill(), TIMEOUT_MS);
    let complaints = "";
    child.stderr.on("data", (data: Buffer) => {
      complaints = (complaints + data.toString()).slice(-8_000);
    });
    child.once("error", (error) => settle(new Error(`npm could not be started (${error.message})`)));
    child.once("close", (code, signal) => {
      if (signal)
        settle(new Error(`npm was ended by ${signal}, after ${TIMEOUT_MS / 60_000} minutes at most`));
      else settle(code === 0 ? undefined : new Error(npmReason(complaints)));
    });

    function settle(error?: Error): void {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    }
  });
}

/** What of npm's many lines says why. */
export function npmReason(complaints: string): string {
  const lines = complaints
    .split("\n")
    .map((line) => /^npm (?:error|ERR!) (.+)$/.exec(line.trim())?.[1])
    .filter((line) => line !== undefined)
    .filter((line) => !/^(errno|syscall|A complete log|.*-debug-\d)/.test(line));
  const code = lines.find((line) => line.startsWith("code "))?.slice("code ".length);
  const words = lines.find((line) => !line.startsWith("code "));
  const reason = [code, words].filter((part) => part !== undefined).join(": ");
  return reason === "" ? "npm failed without saying why" : `npm failed: ${reason}`;
}
