import type { ResolvedImage } from "./image.ts";
import { imageBinds, PAGE_COMMAND } from "./inside.ts";
import { FACTS_VARIABLE, type Facts } from "./page/options.ts";

/** The built-in page in an agent's place: whatever command was configured, it cannot run here. */
export function standInImage(facts: Facts): ResolvedImage {
  return { ...customImage(facts), bundledCommand: () => [...PAGE_COMMAND] };
}

/** An image that nothing is known of: the command that was configured, or the page with a shell where none was. */
export function customImage(facts: Facts): ResolvedImage {
  return {
    description: facts.runs,
    real: facts.real,
    entrypoint: [],
    cmd: [...PAGE_COMMAND],
    env: { [FACTS_VARIABLE]: JSON.stringify(facts) },
    binds: imageBinds(),
  };
}
