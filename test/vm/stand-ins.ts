/** What takes the internet on a real server, on a disk of its own, by which names it is replaced. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { run } from "./command.ts";
import { STAND_INS } from "./root-files.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PATH = STAND_INS.path;

export const STOOD_IN_FOR = [
  "the agent's image: Debian's static busybox and curl, with a `ttyd` that is a web server, imported under the reference that the recipe names",
  "the package of cloudflared: the local cloud's connector, placed in /usr/local/bin with a Node of its own",
  "Debian's mirrors: none; what `packages:` names is part of the root, and apt finds it installed",
  "Hetzner: the local cloud's API, whose server is this virtual machine; its instructions come from a NoCloud disk",
  "Cloudflare's edge: the local cloud's, to which the connector dials out",
  "the metadata service: a web server at 169.254.169.254, in a network namespace of the machine's",
] as const;

export interface StandIns {
  /** The agent's image, as the recipe names it. */
  image: string;
  /** `host:port` that the machine's connector dials. */
  tunnelEdge: string;
}

export async function makeStandInsDisk(dir: string, standIns: StandIns): Promise<string> {
  const folder = join(dir, "stand-ins");
  mkdirSync(folder, { recursive: true });
  const programs = {
    "install.sh": installScript(standIns.image),
    cloudflared: connector(standIns.tunnelEdge),
  };
  for (const [name, text] of Object.entries({ ...programs, ttyd: TTYD, tini: TINI })) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  copyFileSync(process.execPath, join(folder, "node"));
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/localcloud/cloudflare/connector/main.ts"],
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: join(folder, "cloudflared.mjs"),
    logLevel: "error",
  });
  const disk = join(dir, "stand-ins.ext4");
  await run("mke2fs", ["-q", "-t", "ext4", "-L", STAND_INS.label, "-d", folder, disk, "256M"]);
  return disk;
}

const connector = (edge: string) => `#!/bin/sh
TUNNEL_EDGE=${edge} exec ${PATH}/node ${PATH}/cloudflared.mjs "$@"
`;

/** As much of the image's programs as its recipe needs. */
const TINI = `#!/bin/sh
[ "$1" != -- ] || shift
exec "$@"
`;
const TTYD = `#!/bin/sh
while [ "$1" != --port ]; do shift; done
echo "the stand-in serves on $2"
exec httpd -f -p "$2" -h /srv
`;

const installScript = (image: string) => `#!/bin/sh
set -eu
ln -sf ${PATH}/cloudflared /usr/local/bin/cloudflared
if docker image inspect '${image}' >/dev/null 2>&1; then exit 0; fi
root=$(mktemp -d)
mkdir -p "$root/bin" "$root/etc" "$root/home/node" "$root/srv" "$root/tmp" "$root/usr" "$root/root"
ln -s ../bin "$root/usr/bin"
cp /bin/busybox ${PATH}/ttyd ${PATH}/tini "$root/bin/"
for applet in $(busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
# Debian's static busybox crashes where it would look up a name, so its wget is of no use.
cp /usr/bin/curl "$root/bin/"
ldd /usr/bin/curl | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
printf 'root:x:0:0::/root:/bin/sh\\nnode:x:1000:1000::/home/node:/bin/sh\\n' >"$root/etc/passwd"
printf 'root:x:0:\\nnode:x:1000:\\n' >"$root/etc/group"
chown 1000:1000 "$root/home/node"
chmod 1777 "$root/tmp"
chmod 0755 "$root"
echo "the stand-in for ${image}" >"$root/srv/index.html"
tar -C "$root" -c . | docker import - '${image}'
rm -rf "$root"
`;
