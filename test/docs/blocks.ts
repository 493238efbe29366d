/** What can be run of the documentation: its blocks of commands and programs, with what they are said to print. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SLUGS } from "../../src/docs/contents.ts";

const PAGES = join(import.meta.dirname, "../../src/docs/pages");

export interface Block {
  page: string;
  line: number;
  language: "sh" | "ts";
  /**
   * How it is run: to its end (""); by somebody else ("as NAME"); in a terminal that is left again ("terminal"); until it is
   * interrupted ("until-interrupted"); or not at all ("no-run: WHY").
   */
  how: string;
  text: string;
  /** Lines that its output must have; `…` stands for anything. */
  output: string[];
}

/** Everything that no test looks at: a reader can tell these from what they may type. */
const SILENT = ["text", "output"];

export function readBlocks(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { info: string; line: number; lines: string[] } | undefined;
  for (const [index, text] of readFileSync(join(PAGES, `${page}.md`), "utf8")
    .split("\n")
    .entries()) {
    if (!text.startsWith("```")) {
      open?.lines.push(text);
    } else if (!open) {
      open = { info: text.slice(3), line: index + 1, lines: [] };
    } else {
      close(page, open, blocks);
      open = undefined;
    }
  }
  return blocks;
}

function close(page: string, block: { info: string; line: number; lines: string[] }, blocks: Block[]): void {
  const [language = "", ...how] = block.info.split(" ");
  if (language === "output") {
    blocks.at(-1)?.output.push(...block.lines);
  } else if (language === "sh" || language === "ts") {
    const { line, lines } = block;
    blocks.push({ page, line, language, how: how.join(" "), text: lines.join("\n"), output: [] });
  } else if (!SILENT.includes(language)) {
    throw new Error(`${page}.md:${block.line}: nobody runs a block of "${language}"`);
  }
}

export const allBlocks = (): Block[] => SLUGS.flatMap(readBlocks);
