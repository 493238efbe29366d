import type { Agent } from "../../catalog/agent.ts";
import { currentRelease, imageRef, listAgents } from "../../catalog/catalog.ts";
import { table } from "../../docs/api-reference.ts";

export function writeAgents(): string {
  return table(
    ["agent", "", "subdomain", "size", "volume at"],
    listAgents().map((agent) => [
      `[${agent.name}](${agent.id}.md)`,
      agent.description,
      `\`${agent.prefix}-…\``,
      sizeOf(agent),
      `\`${currentRelease(agent).recipe.dataPath}\``,
    ]),
  );
}

/** What the catalog says of one agent. */
export function writeAgent(agent: Agent): string {
  const release = currentRelease(agent);
  const { recipe, image } = release;
  const pinned = image.digest ? "by digest" : "by tag; nobody has checked that it exists, see below";
  return [
    table(
      ["", ""],
      [
        ["id", `\`${agent.id}\``],
        ["current release", `\`${release.release}\`, published ${release.publishedAt.slice(0, 10)}`],
        ["image", `\`${imageRef(release)}\` (${pinned})`],
        ["subdomain", `\`${agent.prefix}-\` and eight characters`],
        ["size, unless you say otherwise", sizeOf(agent)],
        ["volume mounted at", `\`${recipe.dataPath}\``],
        ["runs as", recipe.user ? `user ${recipe.user.uid}` : "the image's user"],
        ["its page listens on", `port ${recipe.port}`],
        ["is up when this answers", `\`${recipe.healthPath}\``],
      ],
    ),
    "## Models and keys",
    `Suggested models; any other well-formed model of these providers is taken as well, since models come and go.`,
    table(
      ["model", "provider", ""],
      agent.models.map(({ name, provider, label }) => [`\`${name}\``, provider, label]),
    ),
    "Your key goes into the machine's environment, under the name that the agent reads:",
    table(
      ["models of", "variable on the machine"],
      recipe.providers.map(({ provider, keyEnv }) => [provider, `\`${keyEnv}\``]),
    ),
  ].join("\n\n");
}

function sizeOf({ size: { cpuKind, cpus, memoryMb, volumeGb } }: Agent): string {
  return `${cpus} ${cpuKind} vCPU, ${memoryMb} MB, ${volumeGb} GB volume`;
}
