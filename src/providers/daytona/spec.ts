/** Pure: what we want, in Daytona's request bodies. */
import { bootCommand, needsBoot } from "../../machine-boot/command.ts";
import type { MachineRecipe, Target } from "../provider.ts";
import { LABELS, sandboxName } from "./names.ts";
import { quote } from "./shell.ts";

export interface SandboxBody {
  name: string;
  user: "root";
  target: string;
  cpu: number;
  /** In GB, as is the disk. */
  memory: number;
  disk: number;
  env: Record<string, string>;
  labels: Record<string, string>;
  public: false;
  networkBlockAll: false;
  autoStopInterval: 0;
  autoArchiveInterval: 0;
  autoDeleteInterval: -1;
  buildInfo: { dockerfileContent: string };
}

/** What a sandbox runs first stands here. It is no part of the image, which instances share. */
export const BOOT_VARIABLE = "GENTITY_BOOT";

/** One variable may have 128 KiB in Linux. */
const MAX_BOOT_LENGTH = 120_000;
const STAGE = "/var/lib/gentity/files";

export function sandboxBody(target: Target, recipe: MachineRecipe, prefix?: string): SandboxBody {
  const { spec } = target;
  return {
    name: sandboxName(target.instanceId, prefix),
    user: "root",
    target: target.region,
    cpu: spec.cpus,
    memory: Math.ceil(spec.memoryMb / 1024),
    // The image shares it with the data.
    disk: Math.max(1, spec.volumeGb),
    env:
      commandOf(recipe).length === 0 ? recipe.env : { ...recipe.env, [BOOT_VARIABLE]: bootProgram(recipe) },
    labels: {
      [LABELS.instance]: target.instanceId,
      [LABELS.account]: target.accountId,
      [LABELS.managed]: "true",
      ...(recipe.id === undefined ? {} : { [LABELS.recipe]: recipe.id }),
    },
    public: false,
    networkBlockAll: false,
    // Daytona judges idleness by traffic from outside, which stops agents in the middle of work: we decide.
    autoStopInterval: 0,
    // The longest there is.
    autoArchiveInterval: 0,
    autoDeleteInterval: -1,
    buildInfo: { dockerfileContent: dockerfile(recipe) },
  };
}

/** Why this recipe cannot be run at Daytona, or undefined. */
export function findRecipeProblem(recipe: MachineRecipe): string | undefined {
  if (!/^[\w.\-/:@]+$/.test(recipe.image)) return `"${recipe.image}" is not the name of an image.`;
  if (commandOf(recipe).length === 0) {
    return needsBoot(recipe)
      ? "A recipe with files or a user must name its entrypoint or command: what the image would run is not known here."
      : undefined;
  }
  return bootProgram(recipe).length > MAX_BOOT_LENGTH
    ? "The files of this recipe are too large for a sandbox: together they may have about 85 KB."
    : undefined;
}

/** What of the recipe must never be repeated in an error. */
export function secretsOf(recipe: MachineRecipe): string[] {
  const contents = recipe.files.flatMap((file) => [file.content, toBase64(file.content)]);
  return [...Object.values(recipe.env), ...contents, bootProgram(recipe)];
}

function commandOf({ entrypoint, command }: MachineRecipe): string[] {
  return [...(entrypoint ?? []), ...(command ?? [])];
}

/** The same for every instance of an image, so that the vendor builds it once; nothing secret is in it. */
function dockerfile(recipe: MachineRecipe): string {
  const lines = [`FROM ${recipe.image}`];
  if (commandOf(recipe).length > 0) {
    const entrypoint = ["/bin/sh", "-c", `eval "$${BOOT_VARIABLE}"`, "gentity-boot"];
    lines.push("USER root", `ENTRYPOINT ${JSON.stringify(entrypoint)}`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * A sandbox has no volume to be mounted and takes no files when it is made, so both are prepared before the command: the
 * data path lies on its disk, which outlives a stop.
 */
function bootProgram(recipe: MachineRecipe): string {
  const { dataPath, files } = recipe;
  const lines = [
    `unset ${BOOT_VARIABLE}`,
    `export GENTITY_STAGE_DIR=${STAGE}`,
    // What lies ready here may be secret: the agent gets its own copy, with its own mode.
    '(umask 077; rm -rf "$GENTITY_STAGE_DIR"; mkdir -p "$GENTITY_STAGE_DIR")',
    ...files.map(
      ({ content }, index) =>
        `(umask 077; printf %s ${quote(toBase64(content))} | base64 -d >"$GENTITY_STAGE_DIR/${index}")`,
    ),
  ];
  if (needsBoot(recipe)) {
    const { entrypoint = [], command = [] } = bootCommand(recipe);
    return [...lines, `exec ${[...entrypoint, ...command].map(quote).join(" ")}`].join("\n");
  }
  const words = commandOf(recipe).map(quote).join(" ");
  return [`unset ${BOOT_VARIABLE}`, `mkdir -p ${quote(dataPath)}`, `exec ${words}`].join("\n");
}

function toBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
