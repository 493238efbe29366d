import { z } from "zod";
import { MODEL_PROVIDERS, type RecipeTemplate, type TemplateValue } from "./agent.ts";

/** A recipe from outside. Strict: a misspelt field would otherwise be a setting that silently does nothing. */

const ABSOLUTE = z
  .string()
  .max(512)
  .regex(/^\/(?!.*(?:^|\/)\.\.(?:\/|$))\S*$/, "must be an absolute path without ..");
const TEXT = z.string().max(16_384);
const VARIABLE = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be a variable's name");
const ENV = z.record(VARIABLE, TEXT);
const ARGV = z.array(TEXT).min(1).max(64);

const MAX_DEPTH = 16;

/** JSON without null, which no config format of the agents' needs and which templates cannot hold. */
const VALUE = z.unknown().transform((value, context): TemplateValue => {
  if (isTemplateValue(value)) {
    return value;
  }
  context.addIssue(`must be JSON without null, at most ${MAX_DEPTH} deep`);
  return z.NEVER;
});

function isTemplateValue(value: unknown, depth = 0): value is TemplateValue {
  if (depth > MAX_DEPTH) {
    return false;
  }
  if (typeof value === "object" && value !== null) {
    return Object.values(value).every((item) => isTemplateValue(item, depth + 1));
  }
  return ["string", "number", "boolean"].includes(typeof value);
}

const ProviderRuleSchema = z.strictObject({
  provider: z.enum(MODEL_PROVIDERS),
  slug: z.string().min(1).max(64).optional(),
  keyEnv: VARIABLE,
  model: z.string().min(1).max(256),
  env: ENV.optional(),
});

const FileSchema = z.strictObject({
  path: ABSOLUTE,
  format: z.enum(["json", "yaml"]),
  value: VALUE,
  firstBootOnly: z.boolean(),
  mode: z
    .string()
    .regex(/^0[0-7]{3}$/, "must be octal, such as 0600")
    .optional(),
});

export const RecipeSchema = z.strictObject({
  entrypoint: ARGV.optional(),
  command: ARGV.optional(),
  workdir: ABSOLUTE.optional(),
  user: z.strictObject({ uid: z.int().min(0).max(65_535), gid: z.int().min(0).max(65_535) }).optional(),
  dataPath: ABSOLUTE,
  port: z.int().min(1).max(65_535),
  healthPath: z
    .string()
    .max(512)
    .regex(/^\/\S*$/, "must begin with /"),
  providers: z.array(ProviderRuleSchema).min(1).max(MODEL_PROVIDERS.length),
  env: ENV,
  files: z.array(FileSchema).max(32),
}) satisfies z.ZodType<RecipeTemplate>;

/** What an operator says of an image: the digest is what runs, the tag is for people. */
export const ImageSchema = z.strictObject({
  repository: z
    .string()
    .max(256)
    .regex(
      /^[a-z0-9]+(?:[._:-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$/,
      "must be registry/name, without a tag",
    ),
  tag: z.string().regex(/^[A-Za-z0-9_][\w.-]{0,127}$/, "must be a tag"),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 lower-case hex digits"),
});

export const ReleaseNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][\w.+-]{0,63}$/, "may hold letters, digits and . _ + -, at most 64 of them");
