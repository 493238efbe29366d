import { defineCommand } from "../command.ts";
import { EXIT, EXIT_MEANINGS } from "../exit-codes.ts";
import { KEY_VARIABLES } from "../model-key.ts";
import { renderFields } from "../table.ts";

type Fields = readonly (readonly [name: string, value: string])[];

const TOPICS: Record<string, Fields> = {
  "exit-codes": EXIT_MEANINGS.filter(([code]) => code !== ""),
  environment: [
    ["GENTITY_TOKEN", "the API token; before the saved login, after --token"],
    ["GENTITY_ADMIN_TOKEN", "the operator's secret, for gentity admin"],
    ["GENTITY_API_URL", "the API's address; before the saved login, after --api-url"],
    ["GENTITY_STATE", "the local stack's folder, .gentity by default; used when nothing else is set"],
    ["GENTITY_AGENT_API_KEY", "the model key for compute create, before the ones below"],
    ...Object.values(KEY_VARIABLES)
      .flat()
      .map((name) => [name, "the model key for that provider's models"] as const),
    ["XDG_CONFIG_HOME", "where gentity/config.json is kept, ~/.config by default"],
    ["NO_COLOR", "no colours and no spinner"],
  ],
};

/** `gentity help <command>` is turned into `<command> --help` before it gets here. */
export default defineCommand({
  describe: "Explain a command or a topic: exit-codes, environment",
  args: {
    topic: { describe: "a command or a topic", optional: true, completes: ["exit-codes", "environment"] },
  },
  async run({ out }, { args }) {
    const topic = args.topic === undefined ? undefined : TOPICS[args.topic];
    if (!topic) {
      out.note(`No help for "${args.topic}". Topics: ${Object.keys(TOPICS).join(", ")}`);
      return EXIT.usage;
    }
    if (out.json) out.document(Object.fromEntries(topic));
    else for (const line of renderFields(topic, out.style.bold)) out.line(line);
    return EXIT.ok;
  },
});
