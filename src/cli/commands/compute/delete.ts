import { type GentityClient, type Instance, NotFoundError } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { CancelledError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { ask } from "../../input.ts";
import { plain } from "../../text.ts";
import { awaitStatus, nameOf, narrated, shown } from "../../wait.ts";

export default defineCommand({
  describe: "Delete an instance and its volume, for good",
  details: "Asks for the full id first. Waits until the vendor has confirmed that everything is gone.",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: { yes: { type: "flag", short: "y", describe: "do not ask" } },
  async run(context, { args, options }) {
    const { out, signal } = context;
    const client = await context.client();
    const instance = await client.instances.get(args.id, { signal }).catch(async (error: unknown) => {
      if (!options.yes || !(error instanceof NotFoundError)) throw error;
      // Deleted already, which the API takes for done; for one that never was, this is the 404.
      await client.instances.delete(args.id, { signal });
      return null;
    });
    if (instance && !options.yes) await confirm(context, instance);
    const warnings = instance ? await remove(context, client, instance) : [];
    if (out.json) out.document({ ok: true, id: instance?.id ?? args.id, status: "deleted", warnings });
    else if (!instance) out.note(`${args.id} is deleted already.`);
    return EXIT.ok;
  },
});

async function confirm(context: Context, instance: Instance): Promise<void> {
  const { bold, yellow } = context.out.noteStyle;
  context.out.note(
    `${yellow("This deletes")} ${bold(plain(nameOf(instance)))} ${yellow("and everything on its volume, for good.")}`,
  );
  const typed = await ask(context, `Type its id, ${bold(instance.id)}, to go on: `);
  if (typed.trim() !== instance.id) {
    throw new CancelledError("Cancelled; nothing was deleted.", ["To delete without being asked: --yes"]);
  }
}

async function remove(context: Context, client: GentityClient, instance: Instance): Promise<string[]> {
  const { id } = instance;
  const doing = `Deleting ${nameOf(instance)}`;
  return await shown(context, doing, async (progress) => {
    const work = { context, client, id, doing, progress };
    const { warnings = [] } = await narrated(work, client.instances.delete(id, { signal: context.signal }));
    for (const warning of warnings) progress.note(warning);
    await awaitStatus(work, ["deleted"]);
    progress.done(`Deleted ${nameOf(instance)}`);
    return warnings;
  });
}
