import type { LogLine } from "../../../sdk/index.ts";
import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import type { Output } from "../../output.ts";
import type { Style } from "../../style.ts";

const MAX_LINES = 1000;
const LEVEL_WIDTH = 5;

export default defineCommand({
  describe: "Show what an instance logged",
  details: "With --json, the lines as a list; with --follow --json, one line of JSON for each.",
  args: { id: { describe: "id, subdomain, or the beginning of either", completes: "instance" } },
  options: {
    lines: {
      type: "integer",
      short: "n",
      min: 1,
      max: MAX_LINES,
      placeholder: "n",
      describe: "how many (200)",
    },
    follow: { type: "flag", short: "f", describe: "go on with new lines as they come" },
  },
  async run({ client, out, signal }, { args, options }) {
    const { logs } = (await client()).instances;
    if (!options.follow) {
      const lines = await logs.list(args.id, { lines: options.lines }, { signal });
      if (out.json) out.document(lines);
      else for (const line of lines) out.line(lineText(line, out.style));
      return EXIT.ok;
    }
    const onReconnect = () => out.note(out.noteStyle.dim("reconnecting…"));
    for await (const line of logs.follow(args.id, { lines: options.lines, onReconnect }, { signal })) {
      print(out, line);
    }
    return EXIT.ok;
  },
});

function print(out: Output, line: LogLine): void {
  if (out.json) out.record(line);
  else out.line(lineText(line, out.style));
}

/** The message stays as it was logged, colours and all. */
function lineText(line: LogLine, style: Style): string {
  const level = (line.level ?? "").toLowerCase().padEnd(LEVEL_WIDTH);
  const color = /^(error|fatal)/.test(level) ? "red" : /^warn/.test(level) ? "yellow" : "dim";
  return `${style.dim(line.timestamp)} ${style[color](level)} ${line.message.trimEnd()}`;
}
