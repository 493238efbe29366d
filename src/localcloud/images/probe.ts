import { fileURLToPath } from "node:url";
import type { ResolvedImage } from "./image.ts";

const PROGRAM = fileURLToPath(new URL("./probe", import.meta.url));
const INSIDE = "/opt/localcloud/probe";

/** References that always mean the probe. */
export function isProbe(ref: string): boolean {
  return /^gentity\/probe([:@]|$)/.test(ref);
}

/** A tiny HTTP server with the ways of answering that a proxy can get wrong. */
export function probeImage(): ResolvedImage {
  return {
    description: "a built-in HTTP server that answers ok",
    real: false,
    entrypoint: ["node", `${INSIDE}/main.ts`],
    cmd: [],
    env: {},
    binds: [{ from: PROGRAM, to: INSIDE }],
  };
}
