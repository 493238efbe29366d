import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { INSIDE_PATH } from "../runtime/host-binds.ts";
import type { ResolvedImage } from "./image.ts";

type Bind = ResolvedImage["binds"][number];

/**
 * Where a machine finds what images here are made of. Whole folders directly below it: what bubblewrap makes on the way to
 * anything deeper is for root alone, and agents are not root. The runtime binds node, ws and node-pty below it too.
 */
const INSIDE = "/opt/localcloud";
const STAND_INS = `${INSIDE}/stand-ins`;
const PAGE = `${INSIDE}/page`;

export const TINI = `${STAND_INS}/tini`;
export const TTYD = `${STAND_INS}/ttyd`;
export const NPM = `${INSIDE}/npm`;
export const CLAUDE_CODE = `${INSIDE}/claude-code`;
export const PAGE_COMMAND = ["node", "--disable-warning=ExperimentalWarning", `${PAGE}/main.ts`];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The programs that stand in for what images bring along, the page, and what the page loads. */
export function imageBinds(): Bind[] {
  const require = createRequire(import.meta.url);
  const xterm = dirname(dirname(require.resolve("@xterm/xterm/package.json")));
  return [
    { from: here("bin"), to: STAND_INS },
    { from: here("page"), to: PAGE },
    { from: xterm, to: `${INSIDE}/node_modules/@xterm` },
  ];
}

/** The machine's PATH with an agent's own programs in front. */
export function pathWith(folder: string): string {
  return `${folder}:${INSIDE_PATH}`;
}

/** Names programs by their path, so that neither the machine's PATH nor what stands before a command matters. */
export function byPath(programs: Readonly<Record<string, string>>): (argv: string[]) => string[] {
  return (argv) => argv.map((word) => (Object.hasOwn(programs, word) ? (programs[word] ?? word) : word));
}
