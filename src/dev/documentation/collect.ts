import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listAgents } from "../../catalog/catalog.ts";
import { REGISTRY } from "../../cli/registry.ts";
import { SLUGS } from "../../docs/contents.ts";
import { writeAgent, writeAgents } from "./agents.ts";
import { writeCommands, writeExitCodes, writeKeyVariables } from "./commands.ts";
import { writeErrors } from "./errors.ts";
import * as regions from "./regions.ts";
import { writeRights } from "./rights.ts";

const PAGES = join(import.meta.dirname, "../../docs/pages");

/** What is written from the code, by the name in `<!-- made: name -->`. The API's own reference is written by the Worker. */
const MADE: Record<string, () => string | Promise<string>> = {
  commands: () => writeCommands(REGISTRY),
  "exit-codes": writeExitCodes,
  "key-variables": writeKeyVariables,
  errors: writeErrors,
  agents: writeAgents,
  rights: writeRights,
  releases: regions.writeReleases,
  "fly-regions": regions.writeFlyRegions,
  "hetzner-regions": regions.writeHetznerRegions,
  servers: regions.writeServers,
  "volume-prices": regions.writeVolumePrices,
  "agent-prices": regions.writeAgentPrices,
  cards: regions.writeCards,
  "size-bounds": regions.writeSizeBounds,
  ...Object.fromEntries(listAgents().map((agent) => [`agent ${agent.id}`, () => writeAgent(agent)])),
};
const BY_THE_WORKER = ["api"];
const PLACE = /<!-- made: ([a-z -]+) -->/g;

/** The pages of the documentation, whole, as JSON: `{ "slug": markdown }`. */
export async function collectDocumentation(): Promise<string> {
  const made = new Map<string, string>();
  for (const [name, write] of Object.entries(MADE)) {
    made.set(name, await write());
  }
  const pages = SLUGS.map((slug) => {
    const text = readFileSync(join(PAGES, `${slug}.md`), "utf8");
    const whole = text.replaceAll(PLACE, (place, name: string) => {
      if (BY_THE_WORKER.includes(name)) return place;
      const part = made.get(name);
      if (part === undefined) throw new Error(`${slug}.md: nothing makes "${name}"`);
      return part;
    });
    return [slug, whole];
  });
  return JSON.stringify(Object.fromEntries(pages));
}
