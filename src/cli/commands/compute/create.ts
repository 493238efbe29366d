import {
  type CreatedInstance,
  type CreateInstanceInput,
  type GentityClient,
  type InstanceSpec,
  modelProviderOf,
} from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import type { Context } from "../../context.ts";
import { CancelledError, CliError } from "../../errors.ts";
import { EXIT } from "../../exit-codes.ts";
import { megabytes, pairs } from "../../input.ts";
import { givenKey, modelKeyFrom } from "../../model-key.ts";
import { statusText } from "../../style.ts";
import { renderFields } from "../../table.ts";
import { awaitStatus, failedInstance, shown } from "../../wait.ts";

/**
 * How long the create call itself is held. Short of the server's limit, because until it answers there is no id:
 * after this the id is known, and watching tells what is being done.
 */
const HELD_SECONDS = 5;

export default defineCommand({
  describe: "Give an agent a computer of its own",
  details:
    "Waits until it runs, or with --detach only until it is accepted. The model's provider follows from its name; " +
    "the provider's key comes from --api-key, GENTITY_AGENT_API_KEY, or that provider's own variable.",
  examples: [
    "gentity compute create --agent claude-code --model claude-sonnet-5-5",
    "gentity compute create --agent hermes --model openrouter/auto --name scout --detach",
    "pass show anthropic | gentity compute create --agent aider --model claude-haiku-4-5 --api-key -",
  ],
  options: {
    agent: { type: "string", short: "a", placeholder: "agent", describe: "which agent; see gentity agents" },
    model: { type: "string", short: "m", placeholder: "model", describe: "which model" },
    apiKey: {
      type: "string",
      placeholder: "key",
      describe: "the model provider's key; - reads it from stdin",
    },
    name: { type: "string", placeholder: "name", describe: "what to call it" },
    region: { type: "string", placeholder: "region", describe: "where, such as iad" },
    provider: {
      type: "string",
      placeholder: "name",
      describe: "fly or hetzner; by default the deployment's own",
    },
    cpus: { type: "number", min: 0, placeholder: "n", describe: "virtual CPUs" },
    memory: { type: "string", placeholder: "size", describe: "megabytes, or 4g" },
    volume: { type: "integer", min: 1, placeholder: "gb", describe: "gigabytes of disk" },
    env: { type: "list", short: "e", placeholder: "k=v", describe: "set in its environment; repeatable" },
    label: { type: "list", short: "l", placeholder: "k=v", describe: "to find it by; repeatable" },
    access: { type: "string", placeholder: "who", describe: "who may open its URL: link, token or signed" },
    idle: {
      type: "integer",
      min: 1,
      placeholder: "seconds",
      describe: "suspend it after so long without work; a request wakes it",
    },
    detach: { type: "flag", short: "d", describe: "do not wait until it runs" },
  },
  async run(context, { options }) {
    const agentType = required(options.agent, "--agent", "See them with: gentity agents");
    const modelName = required(options.model, "--model", `See those of ${agentType} with: gentity agents`);
    const modelProvider = modelProviderOf(modelName);
    const input: CreateInstanceInput = {
      agentType,
      modelName,
      modelProvider,
      apiKey: await keyFor(context, options.apiKey, modelProvider),
      name: options.name,
      region: options.region,
      provider: options.provider as CreateInstanceInput["provider"],
      access: options.access,
      ...(options.idle !== undefined && { idleTimeoutSeconds: options.idle }),
      ...nonEmpty("spec", specOf(options)),
      ...nonEmpty("env", pairs(options.env, "--env")),
      ...nonEmpty("labels", pairs(options.label, "--label")),
    };
    const client = await context.client();
    const created = options.detach
      ? await client.instances.create(input, { signal: context.signal })
      : await createAndWait(context, client, input);
    report(context, created);
    return EXIT.ok;
  },
});

async function createAndWait(
  context: Context,
  client: GentityClient,
  input: CreateInstanceInput,
): Promise<CreatedInstance> {
  const what = input.name ?? `${input.agentType} on ${input.modelName}`;
  const doing = `Creating ${what}`;
  return await shown(context, doing, async (progress) => {
    const created = await client.instances
      .create(input, { signal: context.signal, waitSeconds: HELD_SECONDS })
      .catch((error: unknown) => {
        throw context.signal.aborted ? stoppedEarly() : error;
      });
    if (created.status === "error") throw failedInstance(created.id, created);
    if (created.status !== "running") {
      progress.update(`${doing}: ${created.status} as ${created.subdomain}`);
      await awaitStatus({ context, client, id: created.id, doing, progress }, ["running"]);
    }
    progress.done(`${what} is running`);
    return { ...created, status: "running" };
  });
}

function stoppedEarly(): CancelledError {
  return new CancelledError("Stopped waiting; the instance may come up all the same.", [
    "Look with: gentity compute list",
  ]);
}

export function report({ out }: Context, created: CreatedInstance): void {
  if (out.json) {
    out.document(created);
    return;
  }
  const fields: [string, string | null | undefined][] = [
    ["id", created.id],
    ["subdomain", created.subdomain],
    ["status", statusText(created.status, out.style)],
    ["url", created.url],
  ];
  for (const line of renderFields(fields, out.style.dim)) out.line(line);
  out.note();
  if (created.status !== "running") out.next([["follow", `gentity compute watch ${created.subdomain}`]]);
  out.next([
    ["open it in the browser", `gentity compute open ${created.subdomain}`],
    ["a shell on it", `gentity compute ssh ${created.subdomain}`],
    ["run one command", `gentity compute exec ${created.subdomain} -- uname -a`],
    ["what it logs", `gentity compute logs ${created.subdomain} --follow`],
  ]);
}

function required(value: string | undefined, flag: string, step: string): string {
  if (value) return value;
  throw new CliError(`${flag} is missing.`, { exitCode: EXIT.usage, next: [step] });
}

async function keyFor(
  context: Context,
  flag: string | undefined,
  provider: ReturnType<typeof modelProviderOf>,
): Promise<string> {
  return (await givenKey(context, flag)) ?? modelKeyFrom(context.env, provider);
}

function specOf(options: { cpus?: number; memory?: string; volume?: number }): Partial<InstanceSpec> {
  return {
    ...(options.cpus !== undefined && { cpus: options.cpus }),
    ...(options.memory !== undefined && { memoryMb: megabytes(options.memory, "--memory") }),
    ...(options.volume !== undefined && { volumeGb: options.volume }),
  };
}

/** Leaves out what has nothing in it, so that the server's defaults apply. */
function nonEmpty<K extends string, V extends object>(key: K, value: V): { [P in K]?: V } {
  return Object.keys(value).length === 0 ? {} : ({ [key]: value } as { [P in K]: V });
}
