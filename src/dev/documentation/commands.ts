import { type AnyCommand, type CommandEntry, isGroup, kebab, type Registry } from "../../cli/command.ts";
import { EXIT_MEANINGS } from "../../cli/exit-codes.ts";
import { KEY_VARIABLES } from "../../cli/model-key.ts";
import { optionOf } from "../../cli/program.ts";
import { table } from "../../docs/api-reference.ts";

/** Every command as Markdown, from the tables that the command line itself is parsed by. */
export async function writeCommands(registry: Registry, at: readonly string[] = []): Promise<string> {
  const parts: string[] = [];
  for (const [name, entry] of Object.entries(registry)) {
    const path = [...at, name];
    if (isGroup(entry)) {
      parts.push(`${"#".repeat(at.length === 0 ? 2 : 3)} ${path.join(" ")}`, `${entry.describe}.`);
      parts.push(await writeCommands(entry.commands, path));
    } else {
      parts.push(await writeCommand(path, entry));
    }
  }
  return parts.join("\n\n");
}

async function writeCommand(path: readonly string[], entry: CommandEntry): Promise<string> {
  const spec = (await entry.load()).default;
  const { args = {}, options = {}, examples = [] } = spec;
  const rows = [
    ...Object.entries(args).map(([name, { describe }]) => [`\`${kebab(name)}\``, describe]),
    ...Object.entries(options).map(([key, option]) => [
      `\`${optionOf(key, option).flags}\``,
      option.describe,
    ]),
  ];
  const aliases = (entry.aliases ?? []).map((alias) => `\`${[...path.slice(0, -1), alias].join(" ")}\``);
  return [
    `${"#".repeat(path.length === 1 ? 2 : 3)} \`gentity ${path.join(" ")}\``,
    `${spec.describe}.${aliases.length > 0 ? ` Also ${aliases.join(", ")}.` : ""}`,
    // It is broken into lines for terminals.
    spec.details?.replaceAll("\n", " "),
    fence("text", [usageOf(path, spec)]),
    rows.length > 0 && table(["", ""], rows),
    examples.length > 0 && fence("sh example", examples),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function usageOf(path: readonly string[], spec: AnyCommand): string {
  const args = Object.entries(spec.args ?? {}).map(([name, { optional, variadic }]) => {
    const term = `${kebab(name)}${variadic ? "..." : ""}`;
    return optional ? `[${term}]` : `<${term}>`;
  });
  return ["gentity", ...path, ...(spec.verbatim ? [] : ["[options]"]), ...args].join(" ");
}

const fence = (language: string, lines: readonly string[]) =>
  `\`\`\`${language}\n${lines.join("\n")}\n\`\`\``;

export function writeExitCodes(): string {
  return table(
    ["code", "means"],
    EXIT_MEANINGS.filter(([code]) => code !== "").map(([code, meaning]) => [`\`${code}\``, meaning]),
  );
}

/** Where each model provider's key is looked for. */
export function writeKeyVariables(): string {
  return table(
    ["models of", "variable"],
    Object.entries(KEY_VARIABLES).map(([provider, names]) => [
      provider,
      [names]
        .flat()
        .map((name) => `\`${name}\``)
        .join(", "),
    ]),
  );
}
