import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs } from "../backoff.ts";
import { deferred } from "../docker-engine-client/deferred.ts";
import { parentOf, signalProcess } from "../os/processes.ts";
import type { Log } from "./log-shipper.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";

const ARGUMENTS = ["tunnel", "--no-autoupdate", "run"];
const LOOK_MS = 2_000;
const END_MS = 10_000;
const MAX_PAUSE_MS = 30_000;
/** One that ran for so long was up. */
const STEADY_MS = 60_000;

/** A process that may be older than this program. */
interface Connector {
  pid: number;
  /** A number that is used again later belongs to a process that began later. */
  startedAt: string;
  /** Which token it has, without telling it. */
  token: string;
}

/** Keeps the tunnel's connector running, apart from this program: its own end does not end the agent's connections. */
export class Tunnel {
  private readonly path: string;
  private readonly outputPath: string;
  private readonly log: Log;
  /** Undefined before the first word on it. */
  private token: string | null | undefined;
  private changed = deferred<void>();

  constructor(stateDir: string, log: Log) {
    this.path = join(stateDir, "tunnel.json");
    this.outputPath = join(stateDir, "cloudflared.log");
    this.log = log;
  }

  /** Null: there is to be none. */
  set(token: string | null): void {
    if (token === this.token) return;
    this.token = token;
    this.changed.resolve();
    this.changed = deferred();
  }

  /** Begins with the first word on what is wanted: until then, what runs is left alone. */
  async run(): Promise<never> {
    await this.changed.promise;
    let failures = 0;
    for (;;) {
      const changed = this.changed.promise;
      const token = this.token ?? null;
      const known = this.known();
      if (known && known.token !== hashOf(token)) await end(known.pid);
      if (token === null) {
        await changed;
        continue;
      }
      const begun = Date.now();
      try {
        await this.watch(this.known() ?? this.start(token), changed);
      } catch (error) {
        this.log("warn", `cloudflared cannot be run: ${(error as Error).message}`);
      }
      if (token !== (this.token ?? null)) continue;
      failures = Date.now() - begun > STEADY_MS ? 1 : failures + 1;
      this.log("warn", "cloudflared has ended, and is started again");
      await Promise.race([sleep(backoffMs(failures, MAX_PAUSE_MS, Math.random())), changed]);
    }
  }

  private async watch({ pid, startedAt }: Connector, changed: Promise<void>): Promise<void> {
    while (startTimeOf(pid) === startedAt && (await parentOf(pid)) !== undefined) {
      const isChanged = await Promise.race([sleep(LOOK_MS, false), changed.then(() => true)]);
      if (isChanged) return;
    }
  }

  /** The one that was started last, if it is still there. */
  private known(): Connector | undefined {
    const text = readStateFile(this.path);
    const connector = text === undefined ? undefined : (JSON.parse(text) as Connector);
    return connector && startTimeOf(connector.pid) === connector.startedAt ? connector : undefined;
  }

  private start(token: string): Connector {
    const output = openSync(this.outputPath, "w", 0o600);
    try {
      const child = spawn("cloudflared", ARGUMENTS, {
        detached: true,
        stdio: ["ignore", output, output],
        env: { TUNNEL_LOGLEVEL: "warn", ...process.env, TUNNEL_TOKEN: token },
      });
      // Told by `pid` already.
      child.on("error", () => {});
      child.unref();
      if (child.pid === undefined) throw new Error("there is no such program");
      const connector = { pid: child.pid, startedAt: startTimeOf(child.pid) ?? "", token: hashOf(token) };
      writeStateFile(this.path, JSON.stringify(connector));
      this.log("info", "cloudflared was started");
      return connector;
    } finally {
      closeSync(output);
    }
  }
}

function hashOf(token: string | null): string {
  return token === null ? "" : createHash("sha256").update(token).digest("hex");
}

/** In the clock of this boot; undefined when there is no such process. */
function startTimeOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold anything, brackets included. The 22nd field is wanted.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

async function end(pid: number): Promise<void> {
  signalProcess(pid, "SIGTERM");
  const deadline = Date.now() + END_MS;
  while ((await parentOf(pid)) !== undefined) {
    if (Date.now() > deadline) signalProcess(pid, "SIGKILL");
    await sleep(50);
  }
}
