import { currentTheme, THEMES } from "../theme.ts";

/** Below every page: where else there is something to read, and how the page looks. */
export function Foot() {
  const current = currentTheme();
  return (
    <footer class="foot">
      <nav aria-label="More">
        <a href="/">Gentity Compute</a>
        <a href="/docs">Docs</a>
        <a href="/openapi.json">OpenAPI</a>
      </nav>
      <form method="post" action="/theme" class="themes" data-themes aria-label="Theme">
        {THEMES.map((theme) => (
          <button
            type="submit"
            name="theme"
            value={theme}
            aria-pressed={theme === current ? "true" : "false"}
          >
            {theme}
          </button>
        ))}
      </form>
    </footer>
  );
}
