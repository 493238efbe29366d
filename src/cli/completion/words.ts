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
export async function positions(registry: Registry): Promise<Position[]> {
  const top: Word[] = [];
  const all: Position[] = [];
  for (const [name, entry] of Object.entries(registry)) {
    if (!isGroup(entry)) {
      const spec = (await entry.load()).default;
      top.push({ text: name, describe: spec.describe });
      all.push(positionOf(name, spec));
      continue;
    }
    top.push({ text: name, describe: entry.describe });
    const verbs: Word[] = [];
    for (const [verb, sub] of Object.entries(entry.commands)) {
      const spec = (await sub.load()).default;
      verbs.push({ text: verb, describe: spec.describe });
      for (const each of [verb, ...(sub.aliases ?? [])]) all.push(positionOf(`${name} ${each}`, spec));
    }
    all.push({ path: name, words: verbs, options: [], takesInstance: false });
  }
  return [{ path: "", words: top, options: [], takesInstance: false }, ...all];
}

/** The commands that have verbs. */
export function groups(registry: Registry): string[] {
  return Object.entries(registry)
    .filter(([, entry]) => isGroup(entry))
    .map(([name]) => name);
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
