import type { MachineFile, MachineRecipe } from "../providers/provider.ts";
import type { FileTemplate, ModelChoice, ProviderRule, Release } from "./agent.ts";
import { imageRef } from "./catalog.ts";
import { fillRecord, fillText, fillValue, toYaml, type Values } from "./fill.ts";
import { modelId } from "./models.ts";

export interface RenderInput {
  release: Release;
  model: ModelChoice;
  /** Null: the machine gets none. */
  apiKey: string | null;
  /** The owner's own. It wins over the recipe's, and loses to the model key. */
  env: Record<string, string>;
  /** `https://<subdomain>.<domain>`, without a path. */
  publicUrl: string;
  /**
   * The hosts (or origins) under which the edge reaches the machine. The edge cannot set Host and rewrites Origin to match
   * it, so this is what the agent sees of a browser.
   */
  originHosts: string[];
  ownerId: string;
  subdomain: string;
  /** Random, made once per instance: for the passwords that an agent insists on. */
  secret: string;
  /** In which header only the edge names the owner to this instance. */
  edgeUserHeader: string;
}

/** Claude Code remembers a key it was allowed to use by its last characters. */
const KEY_TAIL = 20;

/** The recipe of one instance, with nothing left to fill in. @throws Error when the release does not take the provider. */
export function renderRecipe(input: RenderInput): MachineRecipe {
  const { image, recipe } = input.release;
  const rule = recipe.providers.find((candidate) => candidate.provider === input.model.provider);
  if (!rule) {
    throw new Error(`Release ${image.repository}:${input.release.release} takes no ${input.model.provider}`);
  }
  const values = valuesFor(input, rule);
  return {
    image: imageRef(input.release),
    ...(recipe.entrypoint && { entrypoint: recipe.entrypoint.map((part) => fillText(part, values)) }),
    ...(recipe.command && { command: recipe.command.map((part) => fillText(part, values)) }),
    ...(recipe.workdir && { workdir: recipe.workdir }),
    ...(recipe.user && { user: { ...recipe.user } }),
    dataPath: recipe.dataPath,
    port: recipe.port,
    healthPath: recipe.healthPath,
    env: {
      // What a program on the machine, the agent or its owner's, can find out about itself.
      GENTITY_RELEASE: input.release.release,
      GENTITY_MODEL: fillText("{{model.qualified}}", values),
      ...fillRecord(recipe.env, values),
      ...fillRecord(rule.env ?? {}, values),
      ...input.env,
      ...(input.apiKey !== null && { [rule.keyEnv]: input.apiKey }),
    },
    files: recipe.files.map((file) => renderFile(file, values)),
  };
}

function valuesFor(input: RenderInput, rule: ProviderRule): Values {
  const id = modelId(input.model);
  const prefix = `${input.model.provider}/`;
  const spelling = { "model.id": id, "model.qualified": id.startsWith(prefix) ? id : prefix + id };
  return {
    ...spelling,
    model: fillText(rule.model, spelling),
    "model.provider": rule.slug ?? input.model.provider,
    "apiKey.tail": input.apiKey?.slice(-KEY_TAIL) ?? "",
    publicUrl: input.publicUrl,
    origins: allowedOrigins(input.publicUrl, input.originHosts),
    ownerId: input.ownerId,
    subdomain: input.subdomain,
    secret: input.secret,
    edgeUserHeader: input.edgeUserHeader,
  };
}

/** A bare host stands for both schemes: which one the edge speaks to it is the deployment's choice. */
export function allowedOrigins(publicUrl: string, originHosts: readonly string[]): string[] {
  const upstream = originHosts.flatMap((host) =>
    host.includes("://") ? [new URL(host).origin] : [`https://${host}`, `http://${host}`],
  );
  return [...new Set([new URL(publicUrl).origin, ...upstream])];
}

function renderFile({ path, format, value, firstBootOnly, mode }: FileTemplate, values: Values): MachineFile {
  const filled = fillValue(value, values);
  return {
    path: fillText(path, values),
    content: format === "json" ? `${JSON.stringify(filled, null, 2)}\n` : toYaml(filled),
    firstBootOnly,
    ...(mode && { mode }),
  };
}
