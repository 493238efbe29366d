import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** A machine may leave folders that their own owner cannot enter. Links are never followed. */
async function openUp(dir: string): Promise<void> {
  await chmod(dir, 0o700);
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(dir, entry.name));
  }
}

export async function removeTree(path: string): Promise<void> {
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  try {
    await remove();
  } catch {
    await openUp(path);
    await remove();
  }
}
