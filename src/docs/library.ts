import { type ApiDocument, writeApiReference } from "./api-reference.ts";
import { CONTENTS } from "./contents.ts";

export interface DocPage {
  slug: string;
  section: string;
  title: string;
  summary: string;
  markdown: string;
}

/** All pages by their name, in the order in which they are read. */
export type Library = ReadonlyMap<string, DocPage>;

/** Where the reference of the API goes: it is known only to the Worker itself, which serves the API. */
const API_REFERENCE = "<!-- made: api -->";

/** The pages as `src/dev/documentation` has collected them, with the reference of this very Worker's API. */
export function openLibrary(collected: string, describeApi: () => ApiDocument): Library {
  const texts = JSON.parse(collected) as Record<string, string>;
  const pages = CONTENTS.flatMap(({ title: section, slugs }) =>
    slugs.map((slug): [string, DocPage] => {
      const text = texts[slug];
      if (text === undefined) throw new Error(`there is no page ${slug}`);
      const markdown = text.replace(API_REFERENCE, () => writeApiReference(describeApi()));
      return [slug, { slug, section, markdown, ...openingOf(markdown) }];
    }),
  );
  return new Map(pages);
}

/** The title, and the first paragraph as a line of plain text. */
function openingOf(markdown: string): { title: string; summary: string } {
  const [heading = "", ...rest] = markdown.split("\n");
  const paragraph = rest.join("\n").trim().split("\n\n")[0] ?? "";
  const summary = paragraph
    .replaceAll("\n", " ")
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .replaceAll(/[`*]/g, "");
  return { title: heading.replace(/^# /, "").replaceAll("`", ""), summary };
}

/** The contents for programs that read: https://llmstxt.org. */
export function writeLlmsTxt(library: Library, origin: string): string {
  const pages = [...library.values()];
  const sections = CONTENTS.map(({ title }) => {
    const lines = pages
      .filter(({ section }) => section === title)
      .map((page) => `- [${page.title}](${origin}/docs/${page.slug}.md): ${page.summary}`);
    return `## ${title}\n\n${lines.join("\n")}`;
  });
  return `# Gentity Compute

> Every AI agent gets its own computer: one command, and an agent runs on a dedicated machine with its own disk, its own URL, a shell, a meter and a record.

Everything at once: ${origin}/docs/llms-full.txt. The API as data: ${origin}/openapi.json.

${sections.join("\n\n")}
`;
}

/** Every page after the other. */
export function writeLlmsFull(library: Library): string {
  return [...library.values()].map(({ markdown }) => markdown.trim()).join("\n\n---\n\n");
}
