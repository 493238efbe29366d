import { chmod, chown, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BootMessage } from "./protocol.ts";

/**
 * Writes the files a machine must find at boot. It is done inside, never from outside: a path on the volume may lead through a
 * symlink that an earlier run of the machine planted.
 */
export async function prepareDisk({ files, symlinks, pathPrefix, cwd, user }: BootMessage): Promise<void> {
  const created = await mkdir(cwd, { recursive: true });
  if (created && user) await chown(cwd, user.uid, user.gid);
  for (const { path, target } of symlinks) {
    const at = join(pathPrefix, path);
    await mkdir(dirname(at), { recursive: true });
    await rm(at, { force: true });
    await symlink(target, at);
  }
  for (const { path, content, mode } of files) {
    const at = join(pathPrefix, path);
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, content);
    await chmod(at, mode ?? 0o644);
  }
}
