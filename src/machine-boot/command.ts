/** Pure: what a machine runs first, for a recipe. */
import { BOOT_SCRIPT } from "./script.ts";

export interface BootFile {
  path: string;
  firstBootOnly: boolean;
  edition?: string;
  mode?: string;
}

/** What of a recipe matters to its boot. */
export interface Bootable {
  entrypoint?: string[];
  command?: string[];
  workdir?: string;
  user?: { uid: number; gid: number };
  dataPath: string;
  files: readonly BootFile[];
}

/** Absent keeps the image's own. */
export interface BootCommand {
  entrypoint?: string[];
  command?: string[];
}

/** Whether something must be prepared before the agent may run. */
export function needsBoot({ files, user, workdir }: Bootable): boolean {
  return files.length > 0 || user !== undefined || workdir !== undefined;
}

/**
 * Where something is to be prepared, a boot script stands before the command. It takes the place of the image's
 * entrypoint, which therefore runs only where the recipe names it. File number i is to lie ready at `STAGE_DIR/i`.
 */
export function bootCommand(recipe: Bootable): BootCommand {
  const { entrypoint, command } = recipe;
  if (!needsBoot(recipe)) {
    return {
      ...(entrypoint === undefined ? {} : { entrypoint }),
      ...(command === undefined ? {} : { command }),
    };
  }
  const { user, files, workdir, dataPath } = recipe;
  const parameters = [
    user === undefined ? "" : String(user.uid),
    user === undefined ? "" : String(user.gid),
    dataPath,
    workdir ?? "",
    String(files.length),
    ...files.flatMap(describeFile),
    "--",
  ];
  return {
    entrypoint: ["/bin/sh", "-c", BOOT_SCRIPT, "gentity-boot", ...parameters],
    command: [...(entrypoint ?? []), ...(command ?? [])],
  };
}

function describeFile(file: BootFile): string[] {
  const keep = file.edition === undefined ? "keep" : `keep:${file.edition}`;
  return [file.path, file.mode ?? "0644", file.firstBootOnly ? keep : "write"];
}
