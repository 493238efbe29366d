import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hostSystem } from "./host-binds.ts";
import { removeTree } from "./remove-tree.ts";
import type { BootSpec } from "./runtime.ts";

/** Accounts that images commonly name. A name beyond these gets the first ordinary number. */
const ACCOUNTS: Record<string, { id: number; home: string }> = {
  root: { id: 0, home: "/root" },
  daemon: { id: 1, home: "/usr/sbin" },
  node: { id: 1000, home: "/home/node" },
  nobody: { id: 65534, home: "/nonexistent" },
};

export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

/** Understands `name`, `uid` and `uid:gid`, as image configurations write it. */
export function account(user: string | undefined): Account {
  const [first = "root", group] = (user || "root").split(":");
  const known = ACCOUNTS[first];
  const uid = known?.id ?? (/^\d+$/.test(first) ? Number(first) : 1000);
  const byNumber = Object.entries(ACCOUNTS).find(([, { id }]) => id === uid && /^\d+$/.test(first));
  const gid = group !== undefined && /^\d+$/.test(group) ? Number(group) : uid;
  const name = byNumber?.[0] ?? first;
  return { name, uid, gid, home: (known ?? byNumber?.[1])?.home ?? `/home/${name}` };
}

function passwd(user: Account): string {
  const listed = Object.entries(ACCOUNTS).map(([name, { id, home }]) => ({ name, uid: id, gid: id, home }));
  const all = ACCOUNTS[user.name] ? listed : [...listed, user];
  return all.map(({ name, uid, gid, home }) => `${name}:x:${uid}:${gid}::${home}:/bin/bash\n`).join("");
}

function group(user: Account): string {
  const listed = Object.entries(ACCOUNTS).map(([name, { id }]) => `${name}:x:${id}:\n`);
  return [...listed, ...(ACCOUNTS[user.name] ? [] : [`${user.name}:x:${user.gid}:\n`])].join("");
}

export function mountPoints({ image, mounts }: BootSpec): string[] {
  return [...image.binds, ...mounts].map(({ to }) => to);
}

export interface RootDiskOptions {
  root: string;
  hostname: string;
  user: Account;
  /** Whether files may be given to other users. */
  canChown: boolean;
  keep: boolean;
  /** Their parents are made here, where everybody may enter them. */
  mountPoints: string[];
  /** Hands a path to a user. Injected, because only a privileged program can. */
  chown(path: string, uid: number, gid: number): Promise<void>;
}

/** The links that the host's root has, such as `/bin` to `usr/bin`. */
export async function linkSystem(root: string): Promise<void> {
  for (const { path, target } of hostSystem().symlinks) {
    await rm(join(root, path), { recursive: true, force: true });
    await symlink(target, join(root, path));
  }
}

/** Makes the machine's root disk: empty but for what every system has. Everything else is the host's, bound read-only. */
export async function makeRootDisk({
  root,
  hostname,
  user,
  canChown,
  keep,
  mountPoints,
  chown,
}: RootDiskOptions): Promise<void> {
  if (!keep) await removeTree(root);
  for (const dir of [
    "etc",
    // Made by us, or bubblewrap makes it for root alone on the way to what is bound below it.
    "etc/ssl",
    "tmp",
    "var/tmp",
    "var/log",
    "run",
    "root",
    "home",
    "opt/localcloud/bin",
    "opt/localcloud/node_modules",
    user.home,
    ...mountPoints.map(dirname),
  ]) {
    await mkdir(join(root, dir), { recursive: true });
  }
  for (const dir of ["tmp", "var/tmp"]) await chmod(join(root, dir), 0o1777);
  if (canChown && user.uid !== 0) await chown(join(root, user.home), user.uid, user.gid);
  await linkSystem(root);
  const files: Record<string, string> = {
    "etc/passwd": passwd(user),
    "etc/group": group(user),
    "etc/hostname": `${hostname}\n`,
    "etc/hosts": `127.0.0.1 localhost ${hostname}\n::1 localhost\n`,
    // There is no resolver inside: names are looked up by the outgoing HTTP proxy.
    "etc/resolv.conf": "",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    // The first process is an ES module.
    "opt/localcloud/package.json": '{ "type": "module" }\n',
  };
  for (const [path, content] of Object.entries(files)) {
    const at = join(root, path);
    // On a kept disk the machine may have made it a link to anywhere.
    if (keep) await rm(at, { force: true });
    await writeFile(at, content);
  }
}
