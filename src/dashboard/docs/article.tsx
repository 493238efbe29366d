import { raw } from "hono/html";
import { CONTENTS } from "../../docs/contents.ts";
import type { DocPage, Library } from "../../docs/library.ts";
import { renderMarkdown } from "../../docs/render.ts";
import { PublicFrame } from "../layout/public-frame.tsx";
import { SearchForm } from "./search-form.tsx";

/** A long page's contents go as deep as its sections; a short one's as deep as there is room for. */
const MOST_ENTRIES = 40;

/** One page of the documentation, between what else there is and what is on it. */
export function Article({ library, page }: { library: Library; page: DocPage }) {
  const { html, headings } = renderMarkdown(page.markdown);
  const below = headings.filter(({ depth }) => depth === 2 || depth === 3);
  const entries = below.length > MOST_ENTRIES ? below.filter(({ depth }) => depth === 2) : below;
  return (
    <PublicFrame title={page.title} path={`/docs/${page.slug}`} styles={["docs.css"]} scripts={["docs.js"]}>
      <div class="docs">
        <div class="docs-places">
          <SearchForm />
          <nav aria-label="Documentation">
            <Contents library={library} current={page.slug} />
          </nav>
        </div>
        <main id="content" tabindex={-1} class="article">
          {raw(html)}
          <Neighbours library={library} page={page} />
        </main>
        <aside class="docs-here" aria-label="On this page">
          {entries.length > 1 ? (
            <>
              <h2>On this page</h2>
              <ul>
                {entries.map(({ id, text, depth }) => (
                  <li class={depth === 3 ? "deeper" : undefined}>
                    <a href={`#${id}`}>{text}</a>
                  </li>
                ))}
              </ul>
            </>
          ) : null}
          <p class="quiet">
            <a href={`/docs/${page.slug}.md`}>This page as Markdown</a>
          </p>
        </aside>
      </div>
    </PublicFrame>
  );
}

/** All pages by their titles. */
export function Contents({ library, current }: { library: Library; current?: string }) {
  return (
    <>
      {CONTENTS.map(({ title, slugs }) => (
        <section>
          <h2>{title}</h2>
          <ul>
            {slugs.map((slug) => (
              <li>
                <a href={`/docs/${slug}`} aria-current={slug === current ? "page" : undefined}>
                  {library.get(slug)?.title}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Neighbours({ library, page }: { library: Library; page: DocPage }) {
  const pages = [...library.values()];
  const at = pages.indexOf(page);
  const [before, after] = [pages[at - 1], pages[at + 1]];
  return (
    <nav class="neighbours" aria-label="Before and after">
      {before ? (
        <a href={`/docs/${before.slug}`} rel="prev">
          <span class="quiet">Before</span> {before.title}
        </a>
      ) : (
        <span />
      )}
      {after ? (
        <a href={`/docs/${after.slug}`} rel="next">
          <span class="quiet">Next</span> {after.title}
        </a>
      ) : null}
    </nav>
  );
}
