import type { Context } from "./context.ts";

/** One option of a command; its key is the option's name in camel case. */
export type OptionSpec = { describe: string; short?: string } & (
  | { type: "flag" }
  /** On unless `--no-…` is given; the key is the positive name. */
  | { type: "switch" }
  | { type: "string"; placeholder: string }
  | { type: "integer" | "number"; placeholder: string; min?: number; max?: number }
  /** May be given many times. */
  | { type: "list"; placeholder: string }
);

/** One argument of a command, in the order of the table. */
export interface ArgSpec {
  describe: string;
  optional?: true;
  /** Takes all that is left. */
  variadic?: true;
  /** What the shell can fill in. */
  completes?: "instance" | readonly string[];
}

export type ArgTable = Record<string, ArgSpec>;
export type OptionTable = Record<string, OptionSpec>;

type ArgValue<S extends ArgSpec> = S extends { variadic: true }
  ? string[]
  : S extends { optional: true }
    ? string | undefined
    : string;

type OptionValue<S extends OptionSpec> = S extends { type: "flag" | "switch" }
  ? boolean
  : S extends { type: "integer" | "number" }
    ? number | undefined
    : S extends { type: "list" }
      ? string[]
      : string | undefined;

/** What was typed, typed. */
export interface Input<A extends ArgTable, O extends OptionTable> {
  args: { [K in keyof A]: ArgValue<A[K]> };
  options: { [K in keyof O]: OptionValue<O[K]> };
}

/** A command: what it says about itself, what it takes, and what it does. */
export interface CommandSpec<A extends ArgTable, O extends OptionTable> {
  /** One line for the list of commands. */
  describe: string;
  /** More for the command's own help. */
  details?: string;
  examples?: readonly string[];
  args?: A;
  options?: O;
  /** Hands over everything typed after the command as it is: no options of ours, no help. */
  verbatim?: true;
  /** Returns the exit code. */
  run: (context: Context, input: Input<A, O>) => Promise<number>;
}

/** A command whose own types are settled. */
export type AnyCommand = CommandSpec<ArgTable, OptionTable>;

/** Ties `run`'s input to the tables of the same command. */
export function defineCommand<
  const A extends ArgTable = Record<never, ArgSpec>,
  const O extends OptionTable = Record<never, OptionSpec>,
>(spec: CommandSpec<A, O>): AnyCommand {
  // The parser builds the input from these very tables, so it has the shape that `run` was checked against.
  return spec as unknown as AnyCommand;
}

/** Where a command's module is; loaded only when it is wanted. */
export interface CommandEntry {
  aliases?: readonly string[];
  load: () => Promise<{ default: AnyCommand }>;
}

/** Commands about one thing, or groups of them. */
export interface GroupEntry {
  describe: string;
  commands: Registry;
}

/** All commands: `gentity <name>`, `gentity <group> <name>`, and so on down. */
export interface Registry {
  [name: string]: CommandEntry | GroupEntry;
}

export function isGroup(entry: CommandEntry | GroupEntry): entry is GroupEntry {
  return "commands" in entry;
}

/** `apiKey` as it is typed: `api-key`. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
