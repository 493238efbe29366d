/** A server's root is a folder: what it calls `/etc/x` lies at `<root>/etc/x`. */
import { existsSync } from "node:fs";
import { basename, join, posix } from "node:path";

export function below(root: string, path: string): string {
  return join(root, posix.normalize(join("/", path)));
}

/** An argument as the server means it: a path, or an option with one. What lies below the root already stays. */
export function mapArgument(root: string, word: string): string {
  const [, option = "", path = ""] = word.match(/^(-[^=/]*=)?(\/.*)$/) ?? [];
  if (path === "" || path === root || path.startsWith(`${root}/`)) return word;
  return option + below(root, path);
}

/** A program of the server's own by its place; one of the system's by its name, to be found on the server's PATH. */
export function mapProgram(root: string, word: string): string {
  if (!word.startsWith("/") || word.startsWith(`${root}/`)) return word;
  const own = below(root, word);
  return existsSync(own) ? own : basename(word);
}

export function mapCommand(root: string, [program = "", ...args]: readonly string[]): string[] {
  return [mapProgram(root, program), ...args.map((word) => mapArgument(root, word))];
}
