import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, it } from "vitest";
import { isAlive } from "../runtime/process-tree.ts";
import { removeTree } from "../runtime/remove-tree.ts";
import { eventually } from "../testing/harness.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const USER_DATA = `#cloud-config
write_files:
  - path: /etc/systemd/system/sleeper.service
    content: |
      [Service]
      ExecStart=/bin/sh -c 'setsid sleep 1000 & echo $! >> "$GENTITY_ROOT/var/lib/pids"; echo $$ >> "$GENTITY_ROOT/var/lib/pids"; wait'
      [Install]
      WantedBy=multi-user.target
runcmd:
  - systemctl enable --now sleeper
`;

let stateDir: string;
let child: ChildProcess;

async function start(): Promise<string> {
  child = spawn(process.execPath, [MAIN, "--state", stateDir, "--token", "t"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const line = await new Promise<string>((resolve) =>
    child.stdout?.once("data", (data) => resolve(String(data))),
  );
  return JSON.parse(line).hetznerUrl;
}

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "localcloud-crash-"));
});
afterEach(async () => {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  if (child.exitCode === null && child.kill("SIGTERM")) await ended;
  await removeTree(stateDir);
});

describe("a cloud that was killed", () => {
  it("sweeps what its servers left running, and starts them again", async ({ expect }) => {
    const url = await start();
    const headers = { authorization: "Bearer t", "content-type": "application/json" };
    const response = await fetch(`${url}/servers`, {
      method: "POST",
      headers,
      body: JSON.stringify({ name: "a", server_type: "cx23", image: "debian-12", user_data: USER_DATA }),
    });
    const { server } = (await response.json()) as { server: { id: number } };
    const file = join(stateDir, "hetzner/servers", String(server.id), "root/var/lib/pids");
    const pids = async () => {
      const text = await readFile(file, "utf8").catch(() => "");
      return text.split("\n").filter(Boolean).map(Number);
    };
    await eventually(async () => (await pids()).length === 2);
    const before = await pids();
    const { socketDir } = JSON.parse(await readFile(join(stateDir, "hetzner.json"), "utf8"));
    const dead = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await dead;
    expect(await Promise.all(before.map(isAlive))).toEqual([true, true]);

    const again = await start();
    expect(await Promise.all(before.map(isAlive))).toEqual([false, false]);
    expect(existsSync(socketDir)).toBe(false);
    const seen = await fetch(`${again}/servers/${server.id}`, { headers });
    expect(((await seen.json()) as { server: { status: string } }).server.status).toBe("running");
    await eventually(async () => (await pids()).length === 4);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    expect(await Promise.all((await pids()).map(isAlive))).toEqual([false, false, false, false]);
  });
});
