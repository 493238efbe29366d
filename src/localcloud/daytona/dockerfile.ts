/** What of a Dockerfile can be done without an image builder: what runs, and with what around it. */
import { invalid } from "./errors.ts";

export interface Build {
  from: string;
  entrypoint?: string[];
  cmd?: string[];
  env: Record<string, string>;
  workdir?: string;
}

/** Either a JSON list of words, or a line for the shell. */
function words(value: string): string[] {
  if (!value.startsWith("[")) return ["/bin/sh", "-c", value];
  try {
    const parsed: unknown = JSON.parse(value);
    if (Array.isArray(parsed) && parsed.every((word) => typeof word === "string")) return parsed;
  } catch {
    // Falls through to the refusal.
  }
  throw invalid(`not a list of words: ${value}`);
}

/** @throws DaytonaError for what would have to be run: there is nothing here to run it in. */
export function readDockerfile(content: string): Build {
  const build: Build = { from: "", env: {} };
  // A backslash at the end of a line continues it.
  for (const line of content.replaceAll(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const [, instruction = "", value = ""] = line.trim().match(/^([A-Za-z]+)\s+(.*)$/) ?? [];
    if (line.trim() === "" || line.trim().startsWith("#")) continue;
    switch (instruction.toUpperCase()) {
      case "FROM":
        build.from = value.split(/\s+/)[0] ?? "";
        break;
      case "ENTRYPOINT":
        build.entrypoint = words(value);
        break;
      case "CMD":
        build.cmd = words(value);
        break;
      case "WORKDIR":
        build.workdir = value;
        break;
      case "ENV": {
        const [, name = "", rest = ""] = value.match(/^([^\s=]+)[\s=](.*)$/) ?? [];
        build.env[name] = rest.replace(/^"(.*)"$/, "$1");
        break;
      }
      case "USER":
      case "LABEL":
      case "EXPOSE":
        break;
      default:
        throw invalid(`images are not built on this computer, so "${instruction}" cannot be done`);
    }
  }
  if (build.from === "") throw invalid("the Dockerfile has no FROM");
  return build;
}
