/** A Debian root as a disk to boot from, made once and kept under the hash of its recipe. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import { DEBIAN, ENABLED_UNITS, PACKAGES, ROOT_FILES, STAND_INS } from "./root-files.ts";

const DISK_SIZE = "6G";
/** debootstrap says one line for each step of each package. */
const TELL_EVERY_MS = 15_000;

export interface Root {
  /** Not to be written: every machine boots from a copy. */
  disk: string;
  kernel: string;
  initrd: string;
}

export async function ensureRoot(cacheDir: string, say: (line: string) => void): Promise<Root> {
  const recipe = JSON.stringify([DEBIAN, PACKAGES, ROOT_FILES, ENABLED_UNITS, DISK_SIZE]);
  const hash = createHash("sha256").update(recipe).digest("hex").slice(0, 16);
  const dir = join(cacheDir, hash);
  const root = {
    disk: join(dir, "disk.ext4"),
    kernel: join(dir, "vmlinuz"),
    initrd: join(dir, "initrd.img"),
  };
  if (existsSync(dir)) {
    say(`the Debian root ${hash} is there already`);
    return root;
  }
  const part = `${dir}.part`;
  // Those of older recipes, and what was cut off: debootstrap mounts this computer's own /proc and /sys for a while.
  const mounted = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const left = mounted
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${cacheDir}/`));
  for (const path of left.reverse()) await run("umount", [path]);
  rmSync(cacheDir, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  await makeTree(join(part, "root"), say);
  say("making a disk of it …");
  await run("mke2fs", ["-q", "-t", "ext4", "-d", join(part, "root"), join(part, "disk.ext4"), DISK_SIZE]);
  for (const name of ["vmlinuz", "initrd.img"]) copyFileSync(bootFile(part, name), join(part, name));
  rmSync(join(part, "root"), { recursive: true });
  renameSync(part, dir);
  return root;
}

async function makeTree(tree: string, say: (line: string) => void): Promise<void> {
  const mirror = process.env.GENTITY_VM_MIRROR ?? (await aptMirror());
  say(
    `making a Debian root with debootstrap (${DEBIAN}, ${PACKAGES.length} packages and what they need); minutes …`,
  );
  let toldAt = Date.now();
  const tell = (line: string) => {
    if (Date.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = Date.now();
    say(`  ${line.slice(0, 100)}`);
  };
  const include = `--include=${PACKAGES.join(",")}`;
  await run("debootstrap", ["--variant=minbase", include, DEBIAN, tree, mirror], tell);
  for (const { path, content, mode } of ROOT_FILES) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
    chmodSync(join(tree, path), mode);
  }
  const wants = join(tree, "etc/systemd/system/multi-user.target.wants");
  mkdirSync(wants, { recursive: true });
  for (const unit of ENABLED_UNITS) symlinkSync(`../${unit}`, join(wants, unit));
  mkdirSync(join(tree, STAND_INS.path), { recursive: true });
  rmSync(join(tree, "var/cache/apt/archives"), { recursive: true, force: true });
  mkdirSync(join(tree, "var/cache/apt/archives/partial"), { recursive: true });
}

/** Where this computer gets Debian's packages from itself. */
async function aptMirror(): Promise<string> {
  const format = ["indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT)", "Created-By: Packages"];
  const lines = (await run("apt-get", format)).split("\n").map((line) => line.split(" "));
  const found = lines.find(([, codename, component]) => codename === DEBIAN && component === "main")?.[0];
  if (found === undefined) {
    throw new Error(`this computer gets no packages of ${DEBIAN}; name a mirror of it in GENTITY_VM_MIRROR`);
  }
  return found;
}

function bootFile(part: string, name: string): string {
  const boot = join(part, "root/boot");
  const found = readdirSync(boot).find((file) => file.startsWith(`${name}-`));
  if (found === undefined) throw new Error(`the root has no ${name}`);
  return join(boot, found);
}
