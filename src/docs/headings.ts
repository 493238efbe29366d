/** A heading and where it is linked to. */
export interface Heading {
  depth: number;
  id: string;
  text: string;
}

/** `## Text {#its-id}`: what is linked to from elsewhere may have an id that outlives its words. */
const NAMED = /^(.*?)\s*\{#([A-Za-z][\w-]*)\}$/;

/** Names headings as they come, so that no two of a page are the same. */
export function newHeadings(): { take: (depth: number, markdown: string) => Heading; all: Heading[] } {
  const all: Heading[] = [];
  return {
    all,
    take(depth, markdown) {
      const [, named = markdown, given] = NAMED.exec(markdown) ?? [];
      const text = named.replaceAll(/[`*]/g, "");
      const heading = { depth, text, id: given ?? unique(slugOf(text), all) };
      all.push(heading);
      return heading;
    },
  };
}

/** The words of a heading without its id. */
export function headingWords(markdown: string): string {
  return NAMED.exec(markdown)?.[1] ?? markdown;
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}

function unique(id: string, taken: readonly Heading[]): string {
  const same = taken.filter((heading) => heading.id === id || heading.id.replace(/-\d+$/, "") === id).length;
  return same === 0 ? id : `${id}-${same + 1}`;
}
