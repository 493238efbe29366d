import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** What the local stack keeps in its state folder besides the databases: made once, so that a restart finds everything again. */
export interface LocalSecrets {
  /** `id:base64`, as `SEALING_KEYS` takes it. */
  sealingKeys: string;
  /** `id:base64url`, as `AUDIT_SIGNING_KEYS` takes it. */
  auditSigningKeys: string;
  /** The same, as `EDGE_SIGNING_KEYS` takes it. */
  edgeSigningKeys: string;
  cloudToken: string;
  token: string;
  accountId: string;
  /** The operator's own, as `ADMIN_TOKEN` takes it. */
  adminToken: string;
  /** As `HOST_SECRET` takes it. */
  hostSecret: string;
}

export interface LocalPorts {
  cloudPort: number;
  /** Frozen into agents' configuration as an allowed origin, so it must not change. */
  proxyPort: number;
  hetznerPort: number;
  cloudflarePort: number;
  tunnelPort: number;
  /** Connectors find back to it after a restart, so it must not change. */
  tunnelEdgePort: number;
  daytonaPort: number;
  openidPort: number;
}

/** In this order after the API's own. */
const PORTS = [
  "cloudPort",
  "proxyPort",
  "hetznerPort",
  "cloudflarePort",
  "tunnelPort",
  "tunnelEdgePort",
  "daytonaPort",
  "openidPort",
] as const satisfies (keyof LocalPorts)[];

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** A state folder from before there was one of these secrets gets it, and keeps the others. */
export function loadSecrets(stateDir: string): LocalSecrets {
  const path = join(stateDir, "secrets.json");
  const found: Partial<LocalSecrets> = loadOrMake(path, newSecrets);
  const secrets = { ...newSecrets(), ...found };
  if (Object.keys(secrets).length > Object.keys(found).length) {
    writePrivately(path, secrets);
  }
  return secrets;
}

function newSecrets(): LocalSecrets {
  return {
    sealingKeys: `local:${randomBytes(32).toString("base64")}`,
    auditSigningKeys: `local:${randomBytes(32).toString("base64url")}`,
    edgeSigningKeys: `edge:${randomBytes(32).toString("base64url")}`,
    cloudToken: randomBytes(24).toString("base64url"),
    token: `gn_live_${Array.from(randomBytes(52), (byte) => BASE32[byte % 32]).join("")}`,
    accountId: "acc_local",
    adminToken: randomBytes(32).toString("base64url"),
    hostSecret: randomBytes(32).toString("base64url"),
  };
}

/** @throws when one of them is taken, most likely by a stack with the same state, whose machines are to be left alone. */
export async function loadPorts(stateDir: string, apiPort: number): Promise<LocalPorts> {
  const path = join(stateDir, "ports.json");
  const made = {} as LocalPorts;
  for (const [index, name] of PORTS.entries()) {
    const wished = apiPort + 1 + index;
    made[name] = (await isFree(wished)) ? wished : await anyFreePort();
  }
  const found: Partial<LocalPorts> = loadOrMake(path, () => made);
  const ports = { ...made, ...found };
  if (PORTS.some((name) => found[name] === undefined)) {
    writePrivately(path, ports);
  }
  for (const port of Object.values(ports)) {
    if (!(await isFree(port))) {
      throw new Error(
        `port ${port}, which belongs to ${stateDir}, is in use: does another stack run with the same state? ` +
          `Choose another folder with: npm start -- --port ${apiPort} --state .gentity-${apiPort}`,
      );
    }
  }
  return ports;
}

/** What the command line finds, so that it works at once and without a login. */
export function writeLocalJson(
  stateDir: string,
  local: { apiUrl: string; token: string; adminToken: string; cloudUrl: string; cloudToken: string },
): string {
  const path = join(stateDir, "local.json");
  writePrivately(path, local);
  return path;
}

function loadOrMake<T extends object>(path: string, make: () => T): T {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
      throw error;
    }
  }
  const made = make();
  writePrivately(path, made);
  return made;
}

/** Whole or not at all, and readable by its owner only from the first moment on. */
function writePrivately(path: string, value: object): void {
  mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(partial, path);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
