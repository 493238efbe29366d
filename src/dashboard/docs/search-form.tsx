/** Works without JavaScript: the Worker searches. */
export function SearchForm({ query }: { query?: string }) {
  return (
    <search>
      <form class="docs-search" method="get" action="/docs/search">
        <label for="q">Search the docs</label>
        <span class="docs-search-row">
          <input id="q" name="q" type="search" value={query} maxlength={100} required />
          <button type="submit">Search</button>
        </span>
      </form>
    </search>
  );
}
