import { defineCommand } from "../../command.ts";
import { EXIT } from "../../exit-codes.ts";
import { renderTable } from "../../table.ts";
import { plain } from "../../text.ts";
import { age } from "../../time.ts";

export default defineCommand({
  describe: "List API tokens",
  async run({ client, out, signal }) {
    const tokens = await (await client()).tokens.list({ signal });
    if (out.json) {
      out.document(tokens);
      return EXIT.ok;
    }
    const now = Date.now();
    const ago = (time: string | null) => (time ? `${age(now - Date.parse(time))} ago` : "never");
    const rows = tokens.map((token) => [
      token.id,
      plain(token.name),
      `${token.prefix}…`,
      ago(token.createdAt),
      ago(token.lastUsedAt),
    ]);
    const columns = ["ID", "NAME", "TOKEN", "CREATED", "LAST USED"].map((title) => ({ title }));
    for (const line of renderTable(columns, rows, { title: out.style.dim })) out.line(line);
    return EXIT.ok;
  },
});
