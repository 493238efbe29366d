/** A computer in software: QEMU without acceleration, three disks, and a door for the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Root } from "./root.ts";
import { SHELL_PORT } from "./root-files.ts";

/** Under this address QEMU's network shows the loopback of the computer it runs on. */
export const OUTSIDE = "10.0.2.2";

export interface MachineDisks {
  /** Of its own, and written to. */
  system: string;
  seed: string;
  standIns: string;
  /** As the vendor's volumes show themselves: by their id. */
  volume: { file: string; id: number };
}

export interface ShellResult {
  code: number;
  output: string;
}

interface Waiting {
  resolve: (result: ShellResult) => void;
  reject: (error: Error) => void;
}

export class Machine {
  readonly ended: Promise<string>;
  private readonly dir: string;
  private readonly child: ChildProcess;
  private door: Socket | undefined;
  private asked = 0;
  private readonly waiting = new Map<string, Waiting>();

  /** @param dir with a short path: sockets lie in it */
  constructor(dir: string, root: Root, disks: MachineDisks) {
    this.dir = dir;
    const log = openSync(join(dir, "qemu.log"), "a");
    const args = qemuArguments(dir, root, disks);
    this.child = spawn("qemu-system-x86_64", args, { stdio: ["ignore", log, log] });
    this.ended = new Promise((resolve) => {
      this.child.once("error", (error) => resolve(error.message));
      this.child.once("exit", (code, signal) => resolve(signal ?? `code ${code}`));
    });
    void this.ended.then((how) => {
      for (const { reject } of this.waiting.values()) reject(new Error(`the machine has ended (${how})`));
      this.door?.destroy();
    });
  }

  /** What it said on its console. */
  console(): string {
    return readFileSync(join(this.dir, "console.log"), "utf8");
  }

  /** A shell script in the machine, as root. */
  async run(script: string, timeoutMs = 120_000): Promise<ShellResult> {
    const door = this.door ?? (await this.openDoor());
    const id = String(++this.asked);
    const answer = new Promise<ShellResult>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    door.write(`${id} ${Buffer.from(script).toString("base64")}\n`);
    const timer = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
      throw new Error(`the machine does not answer: ${script.slice(0, 100)}`);
    });
    late.catch(() => {});
    return Promise.race([answer, late]).finally(() => {
      timer.abort();
      this.waiting.delete(id);
    });
  }

  /** The same, and it must work. @returns what it printed. */
  async output(script: string, timeoutMs?: number): Promise<string> {
    const { code, output } = await this.run(script, timeoutMs);
    if (code !== 0) throw new Error(`${script.slice(0, 200)}: ${code}\n${output}`);
    return output.trim();
  }

  /** As a finger on it: the system is asked to end. */
  async pressPowerButton(): Promise<void> {
    const monitor = connect(join(this.dir, "monitor"));
    monitor.on("error", () => {});
    monitor.resume();
    await new Promise((resolve) => monitor.once("connect", resolve));
    monitor.write("system_powerdown\n");
    await sleep(1_000);
    monitor.destroy();
  }

  async cutPower(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  private async openDoor(): Promise<Socket> {
    const door = connect(join(this.dir, "door"));
    await new Promise((resolve, reject) => {
      door.once("connect", resolve);
      door.once("error", reject);
    });
    door.on("error", () => {});
    createInterface({ input: door }).on("line", (line) => {
      const [id = "", code, output = ""] = line.split(" ");
      this.waiting.get(id)?.resolve({ code: Number(code), output: Buffer.from(output, "base64").toString() });
    });
    this.door = door;
    return door;
  }
}

function qemuArguments(dir: string, root: Root, { system, seed, standIns, volume }: MachineDisks): string[] {
  const drive = (file: string, more: string) => ["-drive", `file=${file},format=raw,${more}`];
  return [
    ...["-accel", "tcg,thread=multi", "-smp", "2", "-m", "2048", "-no-reboot", "-display", "none"],
    ...["-kernel", root.kernel, "-initrd", root.initrd],
    ...["-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0"],
    ...drive(system, "if=virtio"),
    ...drive(seed, "if=virtio,readonly=on"),
    ...drive(standIns, "if=virtio,readonly=on"),
    ...drive(volume.file, "if=none,id=volume"),
    ...["-device", "virtio-scsi-pci"],
    // udev makes `scsi-0HC_Volume_<id>` of these, as of the vendor's own.
    ...["-device", `scsi-hd,drive=volume,vendor=HC,product=Volume,serial=${volume.id}`],
    ...["-nic", "user,model=virtio-net-pci"],
    ...["-serial", `file:${join(dir, "console.log")}`],
    ...["-monitor", `unix:${join(dir, "monitor")},server=on,wait=off`],
    ...["-device", "virtio-serial-pci"],
    ...["-chardev", `socket,id=door,path=${join(dir, "door")},server=on,wait=off`],
    ...["-device", `virtserialport,chardev=door,name=${SHELL_PORT}`],
  ];
}
