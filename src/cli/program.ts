import { Command, InvalidArgumentError, Option } from "commander";
import {
  type AnyCommand,
  type CommandEntry,
  isGroup,
  kebab,
  type OptionSpec,
  type OptionTable,
  type Registry,
} from "./command.ts";
import { findPath, REGISTRY } from "./registry.ts";
import { VERSION } from "./version.ts";

/** Options of every command. */
const COMMON = {
  json: { type: "flag", describe: "answer in JSON" },
  apiUrl: { type: "string", placeholder: "url", describe: "the API's address" },
  token: { type: "string", placeholder: "token", describe: "the API token" },
} as const satisfies OptionTable;

/** A command line, understood. */
export interface Invocation {
  command: AnyCommand;
  args: Record<string, unknown>;
  options: Record<string, unknown>;
}

/** Where the parser writes help and complaints. */
export interface ParserOutput {
  out: (text: string) => void;
  err: (text: string) => void;
}

/** Understands a command line. Throws commander's error when it is wrong, or when help was all that was wanted. */
export async function parse(typed: readonly string[], output: ParserOutput): Promise<Invocation> {
  const argv = helpAsked(typed);
  const path = findPath(argv);
  let invocation: Invocation | null = null;
  const program = await buildProgram(path, output, (found) => {
    invocation = found;
  });
  program.parse([...argv], { from: "user" });
  if (invocation) return invocation;
  return program.error("No command was given.");
}

/** `help compute create` is `compute create --help`; topics stay with the help command. */
function helpAsked(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first === undefined || (first === "help" && rest.length === 0)) return ["--help"];
  const path = first === "help" ? findPath(rest) : [];
  return path.length > 0 ? [...path, "--help"] : argv;
}

/** The tree of commands; only those whose text may be needed are loaded. */
async function buildProgram(
  path: readonly string[],
  output: ParserOutput,
  onCommand: (invocation: Invocation) => void,
): Promise<Command> {
  const program = prepare(new Command("gentity"), output, "gentity")
    .description("Every AI agent gets its own computer.")
    .version(VERSION, "-V, --version")
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText("after", "\nMore: gentity help exit-codes, gentity help environment");
  await addCommands(program, REGISTRY, { at: [], path, output, onCommand });
  return program;
}

/** Where in the tree we are, and which part of it was asked for. */
interface Place {
  at: readonly string[];
  path: readonly string[];
  output: ParserOutput;
  onCommand: (invocation: Invocation) => void;
}

async function addCommands(parent: Command, entries: Registry, place: Place): Promise<void> {
  for (const [name, entry] of Object.entries(entries)) {
    const at = [...place.at, name];
    if (!isGroup(entry)) {
      // It, or the group whose help lists it.
      const wanted = [at, place.at].some((words) => words.join(" ") === place.path.join(" "));
      const { output, onCommand } = place;
      const path = ["gentity", ...at].join(" ");
      parent.addCommand(await leaf(name, entry, { path, wanted, output, onCommand }));
      continue;
    }
    const group = prepare(new Command(name), place.output, ["gentity", ...at].join(" "))
      .description(entry.describe)
      .helpCommand(false);
    await addCommands(group, entry.commands, { ...place, at });
    parent.addCommand(group);
  }
}

async function leaf(
  name: string,
  entry: CommandEntry,
  options: {
    path: string;
    wanted: boolean;
    output: ParserOutput;
    onCommand: (invocation: Invocation) => void;
  },
): Promise<Command> {
  const command = prepare(new Command(name), options.output, options.path).aliases(entry.aliases ?? []);
  if (!options.wanted) return command;
  const spec = (await entry.load()).default;
  describe(command, spec);
  const names = Object.keys(spec.args ?? {});
  // Commander hands over the arguments in order, then the options, then itself.
  command.action((...given: unknown[]) =>
    options.onCommand({
      command: spec,
      args: Object.fromEntries(names.map((arg, at) => [arg, given[at]])),
      options: { ...absentOptions(spec.options), ...command.opts() },
    }),
  );
  return command;
}

function prepare(command: Command, output: ParserOutput, path: string): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`Next: ${path} --help`)
    .configureOutput({ writeOut: output.out, writeErr: output.err });
}

function describe(command: Command, spec: AnyCommand): void {
  command.description(spec.details ? `${spec.describe}\n\n${spec.details}` : spec.describe);
  command.summary(spec.describe);
  for (const [name, arg] of Object.entries(spec.args ?? {})) {
    const term = `${kebab(name)}${arg.variadic ? "..." : ""}`;
    command.argument(arg.optional ? `[${term}]` : `<${term}>`, arg.describe);
  }
  if (spec.verbatim) {
    command.allowUnknownOption().passThroughOptions().helpOption(false);
    return;
  }
  for (const [key, option] of Object.entries(spec.options ?? {})) command.addOption(optionOf(key, option));
  command.optionsGroup("Common options:");
  for (const [key, option] of Object.entries(COMMON)) command.addOption(optionOf(key, option));
  command.helpOption("-h, --help", "show this help");
  if (spec.examples) {
    const examples = spec.examples.map((example) => `  ${example}`).join("\n");
    command.addHelpText("after", `\nExamples:\n${examples}`);
  }
}

/** What options are when nobody gave them; kept from commander, which would print it in the help. */
function absentOptions(options: OptionTable = {}): Record<string, unknown> {
  const absent: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) {
    if (option.type === "flag") absent[key] = false;
    if (option.type === "list") absent[key] = [];
  }
  return absent;
}

/** An option as the parser knows it. */
export function optionOf(key: string, spec: OptionSpec): Option {
  const short = spec.short ? `-${spec.short}, ` : "";
  const name = kebab(key);
  switch (spec.type) {
    case "flag":
      return new Option(`${short}--${name}`, spec.describe);
    case "switch":
      return new Option(`${short}--no-${name}`, spec.describe);
    case "string":
      return new Option(`${short}--${name} <${spec.placeholder}>`, spec.describe);
    case "integer":
    case "number":
      return new Option(`${short}--${name} <${spec.placeholder}>`, spec.describe).argParser((text) =>
        numberFrom(text, spec),
      );
    case "list":
      return new Option(`${short}--${name} <${spec.placeholder}>`, spec.describe).argParser(
        (text, earlier: string[] = []) => [...earlier, text],
      );
  }
}

function numberFrom(text: string, spec: { type: "integer" | "number"; min?: number; max?: number }): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = spec;
  if (Number.isNaN(value) || (spec.type === "integer" && !Number.isInteger(value))) {
    throw new InvalidArgumentError(spec.type === "integer" ? "Not a whole number." : "Not a number.");
  }
  if (value < min || value > max) throw new InvalidArgumentError(`It must be from ${min} to ${max}.`);
  return value;
}
