import { join } from "node:path";
import type { BootMessage } from "../guest/protocol.ts";
import { INSIDE_PATH } from "./host-binds.ts";
import type { Account } from "./root-disk.ts";
import type { BootSpec } from "./runtime.ts";

/** Where a machine with a network of its own finds the way out. */
const EGRESS_PORT = 3128;

export interface Inside {
  user: Account;
  hasEgressProxy: boolean;
  pathPrefix: string;
  /** Overrides of the runtime's own. */
  env?: Record<string, string>;
}

function egressEnv(): Record<string, string> {
  const proxy = `http://127.0.0.1:${EGRESS_PORT}`;
  const none = "localhost,127.0.0.1";
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: none,
    no_proxy: none,
    // Node's fetch looks at the variables above only when told to.
    NODE_USE_ENV_PROXY: "1",
  };
}

/** The environment every process of a machine starts with. Nothing of the host's is in it. */
export function machineEnv(spec: BootSpec, inside: Inside): Record<string, string> {
  const [port] = spec.ports;
  return {
    PATH: INSIDE_PATH,
    HOME: join(inside.pathPrefix, inside.user.home),
    USER: inside.user.name,
    LANG: "C.UTF-8",
    ...(inside.hasEgressProxy ? egressEnv() : {}),
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...spec.image.env,
    ...spec.env,
    ...inside.env,
  };
}

export function bootMessage(spec: BootSpec, inside: Inside): BootMessage {
  const { user } = inside;
  return {
    type: "boot",
    argv: spec.argv,
    env: machineEnv(spec, inside),
    cwd: join(inside.pathPrefix, spec.workdir),
    rootHome: join(inside.pathPrefix, "/root"),
    // Becoming who one is already needs no right, but asking for it does.
    user: user.uid === 0 ? undefined : { uid: user.uid, gid: user.gid },
    files: spec.files,
    symlinks: spec.image.symlinks ?? [],
    egressPort: inside.hasEgressProxy ? EGRESS_PORT : undefined,
    pathPrefix: inside.pathPrefix,
  };
}
