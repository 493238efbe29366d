/** Pure: what we want of the engine, in its request bodies. */
import { createHash } from "node:crypto";
import type { TarFile } from "../../docker-engine-client/tar.ts";
import { bootCommand, needsBoot } from "../../machine-boot/command.ts";
import { STAGE_DIR } from "../../machine-boot/script.ts";
import type { Recipe } from "../protocol.ts";

export const CONTAINER = "gentity-agent";
export const LABEL = { instance: "gentity.instance", recipe: "gentity.recipe" } as const;

/** What the engine and this program need to go on when the agent takes all it can get. */
const RESERVED_MB = 256;
const PROCESS_LIMIT = 8_192;
/** The lines are shipped as they come; this is for as long as they cannot be. */
const LOG_OPTIONS = { "max-size": "16m", "max-file": "2" };
/** The staged copies are read by whoever the image runs as; the boot script gives the real file its mode and owner. */
const STAGED_MODE = 0o444;

/** Tells this rendering of the recipe from any other. */
export function recipeIdOf(recipe: Recipe): string {
  return recipe.id ?? createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 32);
}

export interface Placing {
  instanceId: string;
  dataDir: string;
  memoryMb: number;
}

export function containerBody(recipe: Recipe, { instanceId, dataDir, memoryMb }: Placing): object {
  const { entrypoint, command } = bootCommand(recipe);
  const { port } = recipe;
  const memory = (memoryMb - Math.min(RESERVED_MB, Math.floor(memoryMb / 8))) * 2 ** 20;
  return {
    Image: recipe.image,
    Hostname: instanceId,
    ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
    ...(command === undefined ? {} : { Cmd: command }),
    // What prepares a machine gives up root by itself.
    ...(needsBoot(recipe) ? { User: "0" } : {}),
    Env: Object.entries(recipe.env).map(([name, value]) => `${name}=${value}`),
    Labels: { [LABEL.instance]: instanceId, [LABEL.recipe]: recipeIdOf(recipe) },
    ...(port === undefined ? {} : { ExposedPorts: { [`${port}/tcp`]: {} } }),
    HostConfig: {
      Init: true,
      Mounts: [{ Type: "bind", Source: dataDir, Target: recipe.dataPath }],
      // From this server alone: the tunnel's end is here.
      ...(port === undefined
        ? {}
        : { PortBindings: { [`${port}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] } }),
      RestartPolicy: { Name: "no" },
      Memory: memory,
      // With swap counted in: there is none.
      MemorySwap: memory,
      PidsLimit: PROCESS_LIMIT,
      LogConfig: { Type: "json-file", Config: LOG_OPTIONS },
    },
  };
}

export function stagedFiles({ files }: Recipe): TarFile[] {
  return files.map(({ content }, index) => ({
    path: `${STAGE_DIR}/${index}`,
    content: Buffer.from(content),
    mode: STAGED_MODE,
  }));
}

/** The text without anything that the recipe keeps secret, and of a length that can be shown. */
export function forPeople(text: string, recipe: Recipe | undefined): string {
  const secrets = [
    ...Object.values(recipe?.env ?? {}),
    ...(recipe?.files ?? []).map(({ content }) => content),
  ];
  const clean = secrets
    .filter((secret) => secret.length >= 6)
    .reduce((left, secret) => left.replaceAll(secret, "…"), text);
  return clean.slice(0, 250);
}
