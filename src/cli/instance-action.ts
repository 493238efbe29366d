import type { InstanceAction, InstanceStatus } from "../sdk/index.ts";
import { type AnyCommand, defineCommand } from "./command.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { statusText } from "./style.ts";
import { awaitStatus, nameOf, narrated, shown } from "./wait.ts";

/** What differs between start, stop, restart, suspend and resume. */
export interface ActionWords {
  action: InstanceAction;
  describe: string;
  /** "Starting", as it is shown meanwhile. */
  doing: string;
  /** Where it should end. */
  wanted: InstanceStatus;
  /** Where it may end instead. */
  otherwise?: InstanceStatus;
}

/** The command for one action: asks for it, waits until it is true, prints the state. */
export function actionCommand(words: ActionWords): AnyCommand {
  return defineCommand({
    describe: words.describe,
    args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
    async run(context, { args }) {
      const status = await act(context, words, args.id);
      const { out } = context;
      if (out.json) out.document(status);
      else out.line(`${status.id}  ${statusText(status.status, out.style)}`);
      return EXIT.ok;
    },
  });
}

async function act(
  context: Context,
  words: ActionWords,
  reference: string,
): Promise<{ id: string; status: string }> {
  const client = await context.client();
  // Resolved once, so that what is waited for is what was acted on.
  const instance = await client.instances.get(reference, { signal: context.signal });
  const doing = `${words.doing} ${nameOf(instance)}`;
  return await shown(context, doing, async (progress) => {
    const { id } = instance;
    const work = { context, client, id, doing, progress };
    const asked = client.instances.action(id, words.action, { signal: context.signal });
    const { status } = await narrated(work, asked);
    const ends = [words.wanted, ...(words.otherwise === undefined ? [] : [words.otherwise])];
    const reached = ends.find((end) => end === status) ?? (await awaitStatus(work, ends)).status;
    progress.done(`${doing}: ${reached}`);
    return { id, status: reached };
  });
}
