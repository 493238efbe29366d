/** Pure: what we want, in Fly's request bodies. */

import { bootCommand, needsBoot } from "../../machine-boot/command.ts";
import { STAGE_DIR } from "../../machine-boot/script.ts";
import type { MachineRecipe, Target } from "../provider.ts";
import type { Names } from "./names.ts";

export interface AppBody {
  name: string;
  org_slug: string;
  network: string;
}

interface Guest {
  cpu_kind: string;
  cpus: number;
  memory_mb: number;
}

export interface VolumeBody {
  name: string;
  region: string;
  size_gb: number;
  encrypted: true;
  /** [?] By the document an id suffices; that it may be of another app in the organization is not said there. */
  source_volume_id?: string;
  /** Makes Fly pick a host that has room for the machine as well. */
  compute: Guest;
}

interface Service {
  protocol: "tcp";
  internal_port: number;
  autostart: false;
  autostop: "off";
  concurrency: { type: "connections"; soft_limit: number; hard_limit: number };
  ports: { port: number; handlers: string[]; force_https?: true }[];
}

/** Name and region are the machine's for good. */
export interface UpdateBody extends Pick<MachineBody, "config"> {
  skip_launch: true;
}

export interface MachineBody {
  name: string;
  region: string;
  config: {
    image: string;
    env: Record<string, string>;
    guest: Guest;
    init: { entrypoint?: string[]; cmd?: string[] };
    mounts: { volume: string; path: string }[];
    services: Service[];
    files: { guest_path: string; raw_value: string; mode: number }[];
    metadata: Record<string, string>;
    restart: { policy: "on-failure"; max_retries: number };
    stop_config: typeof STOP;
  };
}

export const METADATA = {
  instance: "gentity_instance",
  account: "gentity_account",
  managed: "gentity_managed",
  recipe: "gentity_recipe",
} as const;

/** Agents are asked the way containers are, and have this long to put their work away. */
export const STOP = { signal: "SIGTERM", timeout: "30s" } as const;

/** A crash is worth a few tries; an agent that cannot start must end as an error and not as an endless bill. */
const RESTARTS = 3;
/** Fly's default of 25 connections would turn away an agent's own page with a handful of tabs open. */
const CONCURRENCY = { type: "connections", soft_limit: 800, hard_limit: 1000 } as const;
/** The staged copies are read by whoever the image runs as; `install` gives the real file its mode and owner. */
const STAGED_MODE = 0o444;

export function appBody(names: Names, orgSlug: string): AppBody {
  return { name: names.app, org_slug: orgSlug, network: names.network };
}

export function volumeBody(target: Target, names: Names): VolumeBody {
  return {
    name: names.volume,
    region: target.region,
    size_gb: target.spec.volumeGb,
    encrypted: true,
    compute: guestOf(target),
    ...(target.sourceVolume === undefined ? {} : { source_volume_id: target.sourceVolume }),
  };
}

export function machineBody(target: Target, names: Names, recipe: MachineRecipe): MachineBody {
  const { volume } = target.refs;
  return {
    name: names.machine,
    region: target.region,
    config: {
      image: recipe.image,
      env: recipe.env,
      guest: guestOf(target),
      init: initOf(recipe),
      mounts: volume === undefined ? [] : [{ volume, path: recipe.dataPath }],
      services: servicesOf(target, recipe),
      files: recipe.files.map((file, index) => ({
        guest_path: `${STAGE_DIR}/${index}`,
        raw_value: toBase64(file.content),
        mode: STAGED_MODE,
      })),
      metadata: {
        [METADATA.instance]: target.instanceId,
        [METADATA.account]: target.accountId,
        [METADATA.managed]: "true",
        ...(recipe.id === undefined ? {} : { [METADATA.recipe]: recipe.id }),
      },
      restart: { policy: "on-failure", max_retries: RESTARTS },
      stop_config: STOP,
    },
  };
}

/** Why this recipe cannot be run at Fly, or undefined. */
export function findRecipeProblem(recipe: MachineRecipe): string | undefined {
  if (!needsBoot(recipe) || commandOf(recipe).length > 0) return undefined;
  return "A recipe with files or a user must name its entrypoint or command: what the image would run is not known here.";
}

/** What of the recipe must never be repeated in an error. */
export function secretsOf(recipe: MachineRecipe): string[] {
  const contents = recipe.files.flatMap((file) => [file.content, toBase64(file.content)]);
  return [...Object.values(recipe.env), ...contents];
}

function guestOf({ spec }: Target): Guest {
  return { cpu_kind: spec.cpuKind, cpus: spec.cpus, memory_mb: spec.memoryMb };
}

function commandOf(recipe: MachineRecipe): string[] {
  return [...(recipe.entrypoint ?? []), ...(recipe.command ?? [])];
}

/** Fly can neither write a file only once nor own a folder, so a boot script does it. */
function initOf(recipe: MachineRecipe): MachineBody["config"]["init"] {
  const { entrypoint, command } = bootCommand(recipe);
  return {
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { cmd: command }),
  };
}

/** Neither starts nor stops by traffic: Fly would freeze agents in the middle of work. */
function servicesOf(target: Target, recipe: MachineRecipe): Service[] {
  if (target.exposure === "private" || recipe.port === undefined) return [];
  return [
    {
      protocol: "tcp",
      internal_port: recipe.port,
      autostart: false,
      autostop: "off",
      concurrency: CONCURRENCY,
      ports: [
        { port: 80, handlers: ["http"], force_https: true },
        { port: 443, handlers: ["tls", "http"] },
      ],
    },
  ];
}

function toBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
