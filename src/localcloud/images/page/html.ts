/** Text that is markup already. */
class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

type Hole = Markup | string | undefined | false | Hole[];

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function render(hole: Hole): string {
  if (hole === undefined || hole === false) return "";
  if (Array.isArray(hole)) return hole.map(render).join("");
  return hole instanceof Markup ? hole.text : hole.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** Escapes every hole; only what this made itself passes as it is. */
export function html(parts: TemplateStringsArray, ...holes: Hole[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + render(holes[index - 1]) + part));
}
