/** Forks of volumes: real copies of their folders. */
import { execFile } from "node:child_process";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { removeTree } from "../../runtime/remove-tree.ts";

const run = promisify(execFile);
/** Files may go while they are copied; a source that never holds still is copied as it is at last. */
const TRIES = 3;

/**
 * Copies what lies in one volume's folder into another's: owners, modes, times and links as they are, nothing followed.
 * The copy gets its name when it is whole, so one that was cut off is simply made again. Of a volume that is being written
 * to, each file is as it was when its turn came: the vendor's fork is of one moment, this one is not.
 */
export async function forkFolder(from: string, to: string): Promise<void> {
  const draft = join(to, "draft");
  for (let tries = 1; ; tries++) {
    await removeTree(draft);
    await mkdir(draft, { recursive: true, mode: 0o755 });
    try {
      await run("cp", ["-a", `${join(from, "data")}/.`, draft]);
      break;
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
  await removeTree(join(to, "data"));
  await rename(draft, join(to, "data"));
}
