import { type AnyCommand, isGroup, kebab, type Registry } from "../command.ts";

/** Something to complete, with what it means. */
export interface Word {
  text: string;
  describe: string;
}

/** What may follow a command's words. */
export interface Position {
  /** `""`, `compute`, `compute create`. */
  path: string;
  words: Word[];
  options: Word[];
  /** The next argument is an instance, whose ids are asked for. */
  takesInstance: boolean;
}

const COMMON: readonly Word[] = [
  { text: "--json", describe: "answer in JSON" },
  { text: "--api-url", describe: "the API's address" },
  { text: "--token", describe: "the API token" },
  { text: "--help", describe: "show help" },
];

/** Every position of the command line, read from the commands themselves. Aliases complete like their names. */
export async function positions(registry: Registry, path = ""): Promise<Position[]> {
  const words: Word[] = [];
  const below: Position[] = [];
  for (const [name, entry] of Object.entries(registry)) {
    const at = join(path, name);
    if (isGroup(entry)) {
      words.push({ text: name, describe: entry.describe });
      below.push(...(await positions(entry.commands, at)));
      continue;
    }
    const spec = (await entry.load()).default;
    words.push({ text: name, describe: spec.describe });
    for (const each of [name, ...(entry.aliases ?? [])]) below.push(positionOf(join(path, each), spec));
  }
  return [{ path, words, options: [], takesInstance: false }, ...below];
}

/** The paths of the commands that have verbs. */
export function groups(registry: Registry, path = ""): string[] {
  return Object.entries(registry).flatMap(([name, entry]) =>
    isGroup(entry) ? [join(path, name), ...groups(entry.commands, join(path, name))] : [],
  );
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path} ${name}`;
}

function positionOf(path: string, spec: AnyCommand): Position {
  const first = Object.values(spec.args ?? {})[0];
  const fixed = Array.isArray(first?.completes) ? (first.completes as string[]) : [];
  const options = Object.entries(spec.options ?? {}).map(([key, option]) => ({
    text: `--${option.type === "switch" ? "no-" : ""}${kebab(key)}`,
    describe: option.describe,
  }));
  return {
    path,
    words: fixed.map((text) => ({ text, describe: "" })),
    options: spec.verbatim ? [] : [...options, ...COMMON],
    takesInstance: first?.completes === "instance",
  };
}
