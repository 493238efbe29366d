import type { MachineRecipe, MachineSpec } from "../providers/provider.ts";

export const MODEL_PROVIDERS = ["anthropic", "openai", "google", "openrouter", "deepseek", "xai"] as const;
export type ModelProvider = (typeof MODEL_PROVIDERS)[number];

/** Which model an instance runs, as its owner named it. */
export interface ModelChoice {
  provider: ModelProvider;
  name: string;
}

/** A suggestion. Any well-formed model of an accepted provider is taken, because models come and go. */
export interface ModelSuggestion extends ModelChoice {
  label: string;
}

/** How a release takes models of one provider. */
export interface ProviderRule {
  provider: ModelProvider;
  /** What this agent calls the provider, where that is another name. */
  slug?: string;
  /** The variable the model key goes into. */
  keyEnv: string;
  /** How this agent spells the model: a template over `{{model.id}}` and `{{model.qualified}}`. */
  model: string;
  /** What else the agent needs to be told to use this provider. */
  env?: Record<string, string>;
}

/** JSON with placeholders in its strings. A string that is exactly one placeholder may become a list. */
export type TemplateValue = string | number | boolean | TemplateValue[] | { [key: string]: TemplateValue };

/** A config file. It is written structured and serialised last, so that no value can break out of its place. */
export interface FileTemplate {
  path: string;
  format: "json" | "yaml";
  value: TemplateValue;
  firstBootOnly: boolean;
  mode?: string;
}

/** What a release runs, before it is filled in for one instance. Plain data: an operator may publish one as JSON. */
export interface RecipeTemplate
  extends Pick<MachineRecipe, "entrypoint" | "command" | "workdir" | "user" | "dataPath"> {
  port: number;
  healthPath: string;
  providers: ProviderRule[];
  env: Record<string, string>;
  files: FileTemplate[];
}

export interface ReleaseImage {
  repository: string;
  tag: string;
  /** `sha256:…`; wins over the tag. */
  digest?: string;
  /** `digest`: what runs is exactly what was published. `unverified`: a tag, which its owner can move. */
  verification: "digest" | "unverified";
}

/** One published version of an agent. Instances pin one. */
export interface Release {
  release: string;
  image: ReleaseImage;
  recipe: RecipeTemplate;
  publishedAt: string;
}

/** A template in the catalog. */
export interface Agent {
  id: string;
  name: string;
  description: string;
  /** Left of the hyphen in a subdomain. */
  prefix: string;
  size: MachineSpec;
  /** The first is the default. */
  models: ModelSuggestion[];
  /** Oldest first; the last is current. */
  releases: [Release, ...Release[]];
}
