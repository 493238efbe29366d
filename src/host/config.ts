import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { InstanceIdSchema } from "./protocol.ts";

const ConfigSchema = z.object({
  /** Where the control plane is. */
  controlUrl: z.string().regex(/^https?:\/\//),
  instanceId: InstanceIdSchema,
  enrolmentSecret: z.string().min(1),
  /** The vendor's id of the volume; null: the data is on the server's own disk. */
  volume: z.string().nullable(),
});

const CONFIG_PATH = "/etc/gentity/host.json";

export interface HostConfig extends z.infer<typeof ConfigSchema> {
  /** What this program keeps for itself. */
  stateDir: string;
  /** Where the volume is mounted. */
  mountDir: string;
  /** What the agent finds at its data path. */
  dataDir: string;
  /** Whether the server is a folder of another computer: then nothing is mounted in it. */
  isFolder: boolean;
}

/** Everything of the server lies below the root that its config lies in. @throws Error, which never holds a secret. */
export function readHostConfig(configPath: string, stateDir: string): HostConfig {
  const root = configPath.endsWith(CONFIG_PATH) ? configPath.slice(0, -CONFIG_PATH.length) : "";
  const parsed = ConfigSchema.safeParse(JSON.parse(readFileSync(configPath, "utf8")));
  if (!parsed.success) {
    const fields = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    throw new Error(`${configPath} is not valid: ${fields}`);
  }
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const mountDir = `${root}/mnt/gentity`;
  return {
    ...parsed.data,
    controlUrl: parsed.data.controlUrl.replace(/\/+$/, ""),
    stateDir,
    mountDir,
    dataDir: join(mountDir, "data"),
    isFolder: root !== "",
  };
}
