import type { Instance } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { type Style, statusText } from "../../style.ts";
import { renderFields } from "../../table.ts";
import { plain } from "../../text.ts";
import { duration } from "../../time.ts";

export default defineCommand({
  describe: "Show everything about an instance",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  async run({ client, out, signal }, { args }) {
    const instance = await (await client()).instances.get(args.id, { signal });
    if (out.json) out.document(instance);
    else for (const line of renderFields(fieldsOf(instance, out.style), out.style.dim)) out.line(line);
    return EXIT.ok;
  },
});

function fieldsOf(instance: Instance, style: Style): [string, string | null | undefined][] {
  const { spec, image, awake, labels = {} } = instance;
  const since = instance.statusSince && duration(Date.now() - Date.parse(instance.statusSince));
  const outdated = image?.outdated ? `, ${image.latestRelease} is out` : "";
  return [
    ["id", instance.id],
    ["name", plain(instance.name)],
    ["status", `${statusText(instance.status, style)}${since ? ` for ${since}` : ""}`],
    ["doing", instance.progress && plain(instance.progress)],
    ["error", instance.errorMessage && plain(instance.errorMessage)],
    ["hint", instance.hint && plain(instance.hint)],
    ...(instance.notices ?? []).map(({ message, hint }): [string, string] => [
      "note",
      plain(`${message} ${hint}`),
    ]),
    ["url", instance.url],
    ["subdomain", instance.subdomain || null],
    ["agent", instance.agentType],
    ["model", instance.modelName && `${plain(instance.modelName)} (${instance.modelProvider})`],
    ["machine", spec && `${spec.cpus} vCPU ${spec.cpuKind}, ${spec.memoryMb} MB, ${spec.volumeGb} GB volume`],
    ["where", [instance.provider, instance.region].filter(Boolean).join(" ")],
    ["release", image && `${image.release}${outdated}`],
    ["image", image?.ref],
    ["access", instance.access],
    ["workspace", instance.workspaceId],
    ["awake", awake && `${plain(awake.reason)}${awake.until ? ` until ${awake.until}` : ""}`],
    ["wakes at", instance.wakeAt],
    ["wakes by", instance.wakeCron && `${plain(instance.wakeCron)} (cron, UTC)`],
    ["idle", instance.idleTimeoutSeconds ? `suspends after ${instance.idleTimeoutSeconds} s` : null],
    [
      "labels",
      plain(
        Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(", "),
      ),
    ],
    ["created", instance.createdAt],
  ];
}
