import { spawn } from "node:child_process";

/** Runs a program to its end. @throws with what it said when that is a failure. */
export function run(
  program: string,
  args: readonly string[],
  onLine?: (line: string) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // As root's own shell has it: where the tools of the system are.
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: "C" };
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        output += data.toString();
        for (const line of data.toString().split("\n")) if (line.trim() !== "") onLine?.(line);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code}: ${output.slice(-2_000)}`));
    });
  });
}
