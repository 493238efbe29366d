import { chmod, chown, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BootMessage, User } from "./protocol.ts";

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
  for (const { path, content, mode, owner, isFolder } of files) {
    const at = join(pathPrefix, path);
    await mkdir(isFolder ? at : dirname(at), { recursive: true });
    if (!isFolder) await writeFile(at, content);
    await chmod(at, mode ?? (isFolder ? 0o755 : 0o644));
    if (owner) await give(at, owner);
  }
}

/** Where there is one user only, what cannot be given stays with that one. */
async function give(path: string, { uid, gid }: User): Promise<void> {
  await chown(path, uid, gid).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EPERM" && error.code !== "EINVAL") throw error;
  });
}
