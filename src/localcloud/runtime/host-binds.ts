import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Bind {
  from: string;
  to: string;
}

/** Where the first process and its node binary lie inside. */
export const INSIDE = "/opt/localcloud";
export const GUEST_COMMAND = [
  `${INSIDE}/bin/node`,
  "--disable-warning=ExperimentalWarning",
  `${INSIDE}/guest/main.ts`,
];
export const INSIDE_PATH = `${INSIDE}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;

/** Found with the host's PATH, which is then not needed again and stays outside. Absent: as it is called. */
export function hostProgram(name: string): string {
  const places = (process.env.PATH ?? "").split(delimiter).map((dir) => join(dir, name));
  return places.find((path) => existsSync(path)) ?? name;
}

/** Of the host's /etc only what programs need in order to run: loader, certificates, terminals, fonts. No accounts, no secrets. */
const ETC = [
  "alternatives",
  "ca-certificates",
  "ca-certificates.conf",
  "fonts",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "mime.types",
  "pki",
  "ssl/certs",
  "ssl/openssl.cnf",
  "terminfo",
];

/** The host's programs and libraries. `symlinks` are those of its root, where `/bin` is a link to `usr/bin`. */
export function hostSystem(): { binds: Bind[]; symlinks: { path: string; target: string }[] } {
  const binds: Bind[] = [];
  const symlinks: { path: string; target: string }[] = [];
  for (const path of ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix"]) {
    if (!existsSync(path)) continue;
    if (lstatSync(path).isSymbolicLink()) symlinks.push({ path, target: readlinkSync(path) });
    else binds.push({ from: path, to: path });
  }
  for (const name of ETC) {
    const path = join("/etc", name);
    if (existsSync(path)) binds.push({ from: path, to: path });
  }
  return { binds, symlinks };
}

/** The first process, the node binary that runs this program, and the two libraries that are used inside. */
export function guestBinds(): Bind[] {
  const require = createRequire(import.meta.url);
  const ws = dirname(require.resolve("ws/package.json"));
  const terminalScope = dirname(dirname(require.resolve("@lydell/node-pty/package.json")));
  return [
    { from: process.execPath, to: `${INSIDE}/bin/node` },
    { from: fileURLToPath(new URL("../guest", import.meta.url)), to: `${INSIDE}/guest` },
    { from: ws, to: `${INSIDE}/node_modules/ws` },
    { from: terminalScope, to: `${INSIDE}/node_modules/@lydell` },
  ];
}
