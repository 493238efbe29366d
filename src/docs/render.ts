import { Lexer, Marked, type RendererObject, type Tokens } from "marked";
import { type Heading, headingWords, newHeadings } from "./headings.ts";

export interface Rendered {
  html: string;
  headings: Heading[];
}

/** Markdown of ours as HTML: headings that can be linked to, code that can be copied, tables that scroll by themselves. */
export function renderMarkdown(markdown: string): Rendered {
  const headings = newHeadings();
  const marked = new Marked({ gfm: true, renderer: rendererOf(headings.take) });
  const html = marked.parse(markdown, { async: false });
  return { html, headings: headings.all };
}

function rendererOf(take: (depth: number, markdown: string) => Heading): RendererObject {
  return {
    heading({ depth, text }: Tokens.Heading) {
      const { id } = take(depth, text);
      const words = this.parser.parseInline(Lexer.lexInline(headingWords(text)));
      const anchor = depth === 1 ? "" : ` <a class="anchor" href="#${id}" aria-label="Link to this">#</a>`;
      return `<h${depth} id="${id}">${words}${anchor}</h${depth}>\n`;
    },
    code({ text, lang = "" }: Tokens.Code) {
      const language = lang.split(" ")[0] ?? "";
      const label = language === "output" ? ' class="output"' : "";
      return `<div class="code"><pre tabindex="0"${label}><code>${escapeHtml(text)}</code></pre></div>\n`;
    },
    table({ header, rows }: Tokens.Table) {
      // A heading without words is none.
      const cell = (words: string, tag: string) => `<${tag}>${words}</${tag.split(" ")[0]}>`;
      const cells = (row: Tokens.TableCell[], tag: string) =>
        row
          // A heading without words would be read out as one.
          .map(({ text, tokens }) => cell(this.parser.parseInline(tokens), text === "" ? "td" : tag))
          .join("");
      const head = header.some(({ text }) => text !== "")
        ? `<thead><tr>${cells(header, 'th scope="col"')}</tr></thead>`
        : "";
      const body = rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("\n");
      return `<div class="table" tabindex="0" role="group" aria-label="Table"><table>${head}<tbody>${body}</tbody></table></div>\n`;
    },
    link({ href, tokens }: Tokens.Link) {
      const words = this.parser.parseInline(tokens);
      const rel = /^https?:/.test(href) ? ' rel="noreferrer"' : "";
      return `<a href="${escapeHtml(pageLink(href))}"${rel}>${words}</a>`;
    },
    // What stands between angle brackets is to be read, not run.
    html: ({ text }: Tokens.HTML | Tokens.Tag) => (text.startsWith("<!--") ? "" : escapeHtml(text)),
  };
}

/** Pages link to each other as files, so that the links work in the repository as well. */
export function pageLink(href: string): string {
  const [, slug, anchor = ""] = /^([a-z-]+)\.md(#.*)?$/.exec(href) ?? [];
  return slug === undefined ? href : `/docs/${slug}${anchor}`;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}
