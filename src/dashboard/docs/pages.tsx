import type { Hono } from "hono";
import { accepts } from "hono/accepts";
import collected from "../../../.gentity/documentation.txt";
import type { ApiDocument } from "../../docs/api-reference.ts";
import { type Library, openLibrary, writeLlmsFull, writeLlmsTxt } from "../../docs/library.ts";
import { search, sectionsOf } from "../../docs/search.ts";
import { AppError } from "../../errors.ts";
import { type DashboardEnv, newPages } from "../route.ts";
import { Article } from "./article.tsx";
import { DocsIndex } from "./index-page.tsx";
import { answerKept, type Kept, keep, keepPage } from "./kept.ts";
import { SearchPage } from "./search-page.tsx";

const MOST_LETTERS = 100;

/** The documentation. Nothing in it depends on who reads it, so each page is made once in an isolate. */
export function docsPages(describeApi: () => ApiDocument): Hono<DashboardEnv> {
  const made = new Map<string, unknown>();
  function once<T>(name: string, make: () => T): T {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as T;
  }
  const library = () => once("library", () => openLibrary(collected, describeApi));
  const sections = () => once("sections", () => sectionsOf(library()));
  const page = (name: string, make: (library: Library) => ReturnType<typeof Article>) =>
    once(name, () => keepPage(() => make(library())))();
  const find = (slug: string) => {
    const found = library().get(slug);
    if (!found) throw new AppError("not_found", "There is no such page.", { hint: "See /docs for all." });
    return found;
  };
  const contents = (origin: string): Kept =>
    once(`llms ${origin}`, () => keep("text/plain", writeLlmsTxt(library(), origin)));
  const markdown = (slug: string): Kept =>
    once(`${slug}.md`, () => keep("text/markdown", find(slug).markdown));

  const pages = newPages();
  pages.get("/llms.txt", (c) => answerKept(c, contents(new URL(c.req.url).origin)));
  pages.get("/docs/llms-full.txt", (c) =>
    answerKept(
      c,
      once("full", () => keep("text/plain", writeLlmsFull(library()))),
    ),
  );
  pages.get("/docs", async (c) =>
    prefersMarkdown(c)
      ? answerKept(c, { ...contents(new URL(c.req.url).origin), type: "text/markdown" })
      : answerKept(c, await page("/docs", (all) => <DocsIndex library={all} />)),
  );
  pages.get("/docs/search", (c) => {
    const query = (c.req.query("q") ?? "").trim().slice(0, MOST_LETTERS);
    c.header("Cache-Control", "public, max-age=300");
    c.header("Vary", "Cookie");
    return c.html(<SearchPage query={query} hits={search(sections(), query)} />);
  });
  pages.get("/docs/:file{[a-z-]+\\.md}", (c) => answerKept(c, markdown(c.req.param("file").slice(0, -3))));
  pages.get("/docs/:slug", async (c) => {
    const slug = c.req.param("slug");
    return prefersMarkdown(c)
      ? answerKept(c, markdown(slug))
      : answerKept(c, await page(find(slug).slug, (all) => <Article library={all} page={find(slug)} />));
  });
  return pages;
}

function prefersMarkdown(c: Parameters<typeof accepts>[0]): boolean {
  const supports = ["text/html", "text/markdown"];
  return accepts(c, { header: "Accept", supports, default: "text/html" }) === "text/markdown";
}
