import { collect, type Instance } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import type { Output } from "../../output.ts";
import { statusText } from "../../style.ts";
import { type Column, renderTable } from "../../table.ts";
import { plain, shortestUnique } from "../../text.ts";
import { age } from "../../time.ts";

/** The part of an id that is shown, longer where that would not tell two apart. */
const ID_SHOWN = 8;

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "NAME", shrinks: true },
  { title: "AGENT" },
  { title: "MODEL", shrinks: true },
  { title: "STATUS" },
  { title: "URL" },
  { title: "AGE" },
];

export default defineCommand({
  describe: "List instances, newest first",
  options: {
    quiet: { type: "flag", short: "q", describe: "ids only" },
    status: { type: "string", placeholder: "status", describe: "only those in this state" },
    agent: { type: "string", placeholder: "agent", describe: "only copies of this agent" },
    label: {
      type: "string",
      placeholder: "k=v",
      describe: "only those with this label; k alone for any value",
    },
  },
  async run({ client, out, signal }, { options }) {
    const { status, agent: agentType, label } = options;
    const filter = { status, agentType, label };
    const instances = await collect((await client()).instances.all(filter, { signal }));
    if (out.json) out.document(instances);
    else if (options.quiet) for (const instance of instances) out.line(instance.id);
    else printTable(out, instances);
    return EXIT.ok;
  },
});

function printTable(out: Output, instances: readonly Instance[]): void {
  if (instances.length === 0) {
    out.note("No instances.");
    out.next([["make one", "gentity compute create --agent <agent> --model <model>"]]);
    return;
  }
  const ids = instances.map((instance) => instance.id);
  const rows = instances.map((instance) => [
    shortestUnique(instance.id, ids, ID_SHOWN),
    plain(instance.name),
    instance.agentType,
    plain(instance.modelName),
    statusText(instance.status, out.style),
    instance.url ?? instance.subdomain,
    age(Date.now() - Date.parse(instance.createdAt)),
  ]);
  const maxWidth = out.stdout.isTTY ? out.stdout.columns : undefined;
  for (const line of renderTable(COLUMNS, rows, { maxWidth, title: out.style.dim })) out.line(line);
}
