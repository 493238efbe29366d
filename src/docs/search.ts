import { newHeadings } from "./headings.ts";
import type { Library } from "./library.ts";

export interface Hit {
  title: string;
  heading: string;
  path: string;
  /** Around the first word that was found. */
  excerpt: string;
}

interface Section {
  title: string;
  heading: string;
  path: string;
  text: string;
}

const MOST_HITS = 20;
const MOST_TERMS = 8;
const AROUND = 90;

/** Every section of every page by itself. */
export function sectionsOf(library: Library): Section[] {
  return [...library.values()].flatMap(({ slug, title, markdown }) => {
    const headings = newHeadings();
    const sections: Section[] = [];
    let isCode = false;
    for (const line of markdown.split("\n")) {
      if (line.startsWith("```")) {
        isCode = !isCode;
        continue;
      }
      const [, marks, words] = (!isCode && /^(#{1,6}) (.+)$/.exec(line)) || [];
      if (marks && words) {
        const { id, text } = headings.take(marks.length, words);
        const path = marks.length === 1 ? `/docs/${slug}` : `/docs/${slug}#${id}`;
        sections.push({ title, heading: text, path, text: "" });
        continue;
      }
      const section = sections.at(-1);
      if (section) section.text += `${plain(line)} `;
    }
    return sections;
  });
}

/** The sections in which every word occurs, those first that are about them. */
export function search(sections: readonly Section[], query: string): Hit[] {
  const terms = query.toLowerCase().split(/\s+/).filter(Boolean).slice(0, MOST_TERMS);
  if (terms.length === 0) return [];
  return sections
    .map((section) => ({ section, score: scoreOf(section, terms) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_HITS)
    .map(({ section }) => ({ ...section, excerpt: excerptOf(section.text, terms) }));
}

function scoreOf({ title, heading, text }: Section, terms: readonly string[]): number {
  const [inTitle, inHeading, inText] = [title, heading, text].map((part) => part.toLowerCase());
  const scores = terms.map((term) => {
    const times = Math.min(3, (inText?.split(term).length ?? 1) - 1);
    return (inTitle?.includes(term) ? 3 : 0) + (inHeading?.includes(term) ? 5 : 0) + times;
  });
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 0);
}

function excerptOf(text: string, terms: readonly string[]): string {
  const lower = text.toLowerCase();
  const first = Math.min(...terms.map((term) => lower.indexOf(term)).filter((at) => at >= 0), text.length);
  const from = first === text.length ? 0 : Math.max(0, first - AROUND);
  const words = text.slice(from, from + 2 * AROUND).trim();
  return `${from > 0 ? "…" : ""}${words}${from + 2 * AROUND < text.length ? "…" : ""}`;
}

function plain(line: string): string {
  return line
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .replaceAll(/<!--.*?-->|[`*|]|:?-{3,}:?/g, " ")
    .trim();
}
