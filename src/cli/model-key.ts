import type { ModelProvider } from "../sdk/index.ts";
import type { Context } from "./context.ts";
import { CliError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { readAll } from "./input.ts";

/** Where a person keeps the key of each provider. */
export const KEY_VARIABLES: Record<ModelProvider, readonly string[]> = {
  anthropic: ["ANTHROPIC_API_KEY"],
  openai: ["OPENAI_API_KEY"],
  openrouter: ["OPENROUTER_API_KEY"],
  google: ["GOOGLE_API_KEY", "GEMINI_API_KEY"],
  deepseek: ["DEEPSEEK_API_KEY"],
  xai: ["XAI_API_KEY"],
};

/** The key of `--api-key`; `-` reads it from stdin. */
export async function givenKey(
  { stdin }: Pick<Context, "stdin">,
  flag: string | undefined,
): Promise<string | undefined> {
  if (flag === undefined) return undefined;
  const key = (flag === "-" ? (await readAll(stdin)).toString("utf8") : flag).trim();
  if (key !== "") return key;
  throw new CliError("The model key is empty.", { exitCode: EXIT.usage });
}

/** The key in the environment for this provider and no other: another vendor must not be shown it. */
export function modelKeyFrom(env: NodeJS.ProcessEnv, provider: ModelProvider): string {
  const names = ["GENTITY_AGENT_API_KEY", ...KEY_VARIABLES[provider]];
  const found = names.map((name) => env[name]?.trim()).find((value) => value);
  if (found) return found;
  const name = KEY_VARIABLES[provider][0];
  throw new CliError(`No ${provider} key: the agent needs one to use this model.`, {
    exitCode: EXIT.usage,
    next: [`Set ${name}, or pass --api-key <key>, or pipe it in with --api-key -`],
  });
}
