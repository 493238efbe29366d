import type { Agent } from "../../sdk/index.ts";
import { defineCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import type { Output } from "../output.ts";
import { plain } from "../text.ts";

const MODELS_SHOWN = 4;

export default defineCommand({
  describe: "List the agents there are, with their sizes and models",
  async run({ out, publicClient, signal }) {
    const agents = await (await publicClient()).catalog.agents({ signal });
    if (out.json) out.document(agents);
    else for (const agent of agents) printAgent(out, agent);
    return EXIT.ok;
  },
});

function printAgent(out: Output, agent: Agent): void {
  const { bold, cyan, dim } = out.style;
  const size = `${agent.defaultCpus} vCPU, ${agent.defaultMemoryMb} MB, ${agent.defaultVolumeGb} GB volume`;
  out.line(`${bold(agent.id)}  ${dim(`${plain(agent.name)} · ${size}`)}`);
  out.line(`  ${plain(agent.description)}`);
  const shown = agent.models.slice(0, MODELS_SHOWN);
  const width = Math.max(0, ...shown.map((model) => model.name.length));
  for (const model of shown) out.line(`  ${cyan(model.name.padEnd(width))}  ${dim(plain(model.label))}`);
  const more = agent.models.length - shown.length;
  if (more > 0) out.line(dim(`  and ${more} more: gentity agents --json`));
  out.line();
}
