import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** As root's own shell has it: where the tools of the system are. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Which of these programs are not installed. */
export function findMissing(programs: readonly string[]): string[] {
  const folders = PATH.split(delimiter);
  return programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
}

const underWay = new Set<ChildProcess>();

/** Those that `run` waits for are asked to end, and have ended when it resolves: what they mounted is unmounted. */
export async function endAll(): Promise<void> {
  const ends = [...underWay].map((child) => new Promise((resolve) => child.once("close", resolve)));
  for (const child of underWay) child.kill("SIGTERM");
  await Promise.all(ends);
}

/** Runs a program to its end. @throws with what it said when that is a failure. */
export function run(
  program: string,
  args: readonly string[],
  onLine?: (line: string) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH, LC_ALL: "C" };
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env });
    underWay.add(child);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        output += data.toString();
        for (const line of data.toString().split("\n")) if (line.trim() !== "") onLine?.(line);
      });
    }
    child.once("error", (error) => {
      underWay.delete(child);
      reject(error);
    });
    child.once("close", (code) => {
      underWay.delete(child);
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code}: ${output.slice(-2_000)}`));
    });
  });
}
