import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.ts";
import type { MachineDisks } from "./machine.ts";
import type { Root } from "./root.ts";
import { makeStandInsDisk, type StandIns } from "./stand-ins.ts";

export interface GivenServer {
  name: string;
  user_data: string;
  volumes: number[];
}

/** A server's disks: a system that was never booted, what it was told, and an empty volume as the vendor formats it. */
export async function makeDisks(
  dir: string,
  root: Root,
  server: GivenServer,
  standIns: StandIns,
): Promise<MachineDisks> {
  const [volumeId] = server.volumes;
  if (volumeId === undefined) throw new Error("the server has no volume");
  const system = join(dir, "system.ext4");
  await run("cp", ["--sparse=always", root.disk, system]);
  const [userData, metaData, seed] = ["user-data", "meta-data", "seed.iso"].map((name) => join(dir, name));
  writeFileSync(String(userData), server.user_data);
  writeFileSync(String(metaData), `instance-id: ${server.name}\nlocal-hostname: ${server.name}\n`);
  const iso = ["-quiet", "-output", String(seed), "-volid", "cidata", "-joliet", "-rock"];
  await run("genisoimage", [...iso, String(userData), String(metaData)]);
  const volume = join(dir, "volume.ext4");
  await run("mke2fs", ["-q", "-t", "ext4", volume, "1G"]);
  return {
    system,
    seed: String(seed),
    standIns: await makeStandInsDisk(dir, standIns),
    volume: { file: volume, id: volumeId },
  };
}
