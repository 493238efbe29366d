/** Steps that change nothing, and those that have nothing to change. */
import { LABELS, sandboxName } from "../names.ts";
import { ABSENT, machineState } from "../states.ts";
import {
  done,
  findSandbox,
  pending,
  type StepContext,
  type StepOutcome,
  seen,
  withoutSandbox,
} from "./context.ts";
import { lookInside } from "./inside.ts";

/** A sandbox has its own network and its own disk, so neither place, address nor volume has anything to make. */
export async function nothing({ target }: StepContext): Promise<StepOutcome> {
  return target.exposure === "public" ? closed : done();
}

/** What there is nothing of is gone. */
export async function nothingLeft(): Promise<StepOutcome> {
  return done();
}

/** For a machine without a page, up is ready. */
export async function ready({ target, options }: StepContext): Promise<StepOutcome> {
  return target.exposure === "public" && options.service?.port !== undefined ? closed : done();
}

const closed: StepOutcome = {
  type: "rejected",
  code: "unsupported",
  message: "A Daytona sandbox cannot be given a public URL of ours",
  hint: "Choose another provider for a public instance: hetzner or fly.",
};

export async function observeSandbox(ctx: StepContext): Promise<StepOutcome> {
  const found = await findSandbox(ctx);
  if (found.type === "absent" || found.type === "foreign") return done({ observed: ABSENT });
  if (found.type !== "found") return withoutSandbox(ctx, found);
  const { sandbox } = found;
  if (machineState(sandbox.state) !== "started") return seen(sandbox);
  const inside = await lookInside(ctx.api, sandbox.id);
  return inside.type === "ended"
    ? seen(sandbox, `Its command ended by itself with exit code ${inside.exitCode}; the sandbox is still up.`)
    : seen(sandbox);
}

/**
 * Nothing of the instance is left, said both by its name and by the organization's own list. Either alone may be wrong: the
 * list lags behind, and a 404 is also the answer to a name that was never right.
 */
export async function gone(ctx: StepContext): Promise<StepOutcome> {
  const { api, target, prefix } = ctx;
  const [found, list] = await Promise.all([findSandbox(ctx), api.list()]);
  if (!list.ok) return list.failure.outcome;
  if (found.type === "failed") return found.outcome;
  const name = sandboxName(target.instanceId, prefix);
  const listed = list.value.find(
    (sandbox) =>
      (sandbox.name === name || sandbox.id === target.refs.machine) &&
      sandbox.labels[LABELS.instance] === target.instanceId &&
      machineState(sandbox.state) !== "absent",
  );
  const left = found.type === "found" ? found.sandbox : listed;
  return left === undefined
    ? done({ observed: ABSENT })
    : pending(2_000, `Daytona still has the sandbox ${left.id} (${left.state})`);
}
