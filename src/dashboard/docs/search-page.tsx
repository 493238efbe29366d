import type { Hit } from "../../docs/search.ts";
import { PublicFrame } from "../layout/public-frame.tsx";
import { SearchForm } from "./search-form.tsx";

/** Where all the words occur. */
export function SearchPage({ query, hits }: { query: string; hits: readonly Hit[] }) {
  return (
    <PublicFrame title="Search the docs" path="/docs" styles={["docs.css"]}>
      <main id="content" tabindex={-1} class="docs-index">
        <h1>Search the docs</h1>
        <SearchForm query={query} />
        {query === "" ? null : (
          <p role="status">{hits.length === 0 ? "Nothing has all of these words." : count(hits.length)}</p>
        )}
        <ol class="docs-hits">
          {hits.map(({ title, heading, path, excerpt }) => (
            <li>
              <a href={path}>{heading === title ? title : `${title}: ${heading}`}</a>
              <p>{excerpt}</p>
            </li>
          ))}
        </ol>
        <p>
          <a href="/docs">All pages</a>
        </p>
      </main>
    </PublicFrame>
  );
}

const count = (places: number) => (places === 1 ? "One place." : `${places} places, the nearest first.`);
