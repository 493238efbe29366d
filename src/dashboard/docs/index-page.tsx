import { CONTENTS } from "../../docs/contents.ts";
import type { Library } from "../../docs/library.ts";
import { PublicFrame } from "../layout/public-frame.tsx";
import { SearchForm } from "./search-form.tsx";

/** What there is to read. */
export function DocsIndex({ library }: { library: Library }) {
  return (
    <PublicFrame title="Documentation" path="/docs" styles={["docs.css"]}>
      <main id="content" tabindex={-1} class="docs-index">
        <h1>Documentation</h1>
        <p class="lead">
          Every AI agent gets its own computer. Begin with the <a href="/docs/quick-start">quick start</a>:
          two minutes, and an agent runs on your own machine.
        </p>
        <SearchForm />
        {CONTENTS.map(({ title, slugs }) => (
          <section>
            <h2>{title}</h2>
            <dl class="docs-list">
              {slugs.map((slug) => (
                <div>
                  <dt>
                    <a href={`/docs/${slug}`}>{library.get(slug)?.title}</a>
                  </dt>
                  <dd>{library.get(slug)?.summary}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <p class="quiet">
          For programs: each page as Markdown at its address with <code>.md</code>, or by{" "}
          <code>Accept: text/markdown</code>; <a href="/llms.txt">llms.txt</a>,{" "}
          <a href="/docs/llms-full.txt">everything in one file</a>, <a href="/openapi.json">openapi.json</a>.
        </p>
      </main>
    </PublicFrame>
  );
}
