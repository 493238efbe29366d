import { AppError } from "../../errors.ts";
import type { InstanceRow } from "../../instance/projection.ts";
import { instanceStub } from "../../instance/stub.ts";
import type { Ctx } from "../context.ts";
import { createInstance } from "./create.ts";
import { PUBLIC_PROVIDERS, type PublicProvider } from "./placement.ts";
import { openInputs } from "./rendering.ts";
import { notFound, requirePublic, resolveInstance } from "./resolve.ts";

export interface CloneInput {
  /** Reserved before, so that the same request made twice makes one instance. */
  id: string;
  name?: string;
  /** Absent: the source's own. */
  apiKey?: string;
  copyData: boolean;
}

const NAME_MAX = 100;

/**
 * A new instance on the agent's current release, configured as the source is: model, size, region, environment, labels, access. Its
 * identity is its own: id, address, generated secrets. With `copyData` its volume is a fork of the source's, and config files
 * on it that name the source are written anew. The source is only read.
 */
export async function cloneInstance(ctx: Ctx, name: string, input: CloneInput): Promise<InstanceRow> {
  const source = await resolveInstance(ctx, name);
  requirePublic(source, "it cannot be cloned");
  const basis = await instanceStub(ctx.env, source.id).basis(ctx.accountId);
  if (!basis) {
    throw notFound(name);
  }
  const { row, sealedInputs, volume } = basis;
  if (row.state === "deleting" || row.state === "deleted") {
    throw refused(row, `The instance is ${row.state}; it cannot be cloned.`);
  }
  if (sealedInputs === null) {
    throw refused(row, "What this instance was made from was not kept, so it cannot be cloned.");
  }
  if (input.copyData && volume === null) {
    throw refused(row, "The instance has no volume yet, so there is no data to copy.");
  }
  const inputs = await openInputs(ctx.config, row.id, sealedInputs);
  const apiKey = input.apiKey ?? inputs.apiKey;
  if (apiKey === null) {
    throw new AppError("invalid_api_key", "The instance has no model key that its clone could use.", {
      hint: "Pass one: --api-key <key>",
    });
  }
  return createInstance(ctx, {
    id: input.id,
    name: input.name ?? `${row.name.slice(0, NAME_MAX - 7)} (copy)`,
    agentType: row.agentType,
    modelProvider: row.modelProvider,
    modelName: row.modelName,
    apiKey,
    provider: publicProvider(row.provider),
    region: row.region,
    spec: row.spec,
    env: inputs.env,
    labels: row.labels,
    access: row.access,
    idleTimeoutSeconds: row.idleTimeoutSeconds,
    clonedFrom: row.id,
    sourceVolume: input.copyData && volume !== null ? volume : undefined,
    waitSeconds: 0,
  });
}

function publicProvider(provider: InstanceRow["provider"]): PublicProvider | undefined {
  return PUBLIC_PROVIDERS.find((each) => each === provider);
}

function refused(row: InstanceRow, message: string): AppError {
  return new AppError("invalid_state", message, {
    hint: "Create a new one with: gentity compute create",
    details: [{ status: row.state }],
  });
}
