import { html } from "hono/html";
import type { Child } from "hono/jsx";
import { assetPath } from "../assets.ts";
import { currentTheme } from "../theme.ts";
import { ICON } from "./brand.tsx";

interface PageProps {
  title: string;
  /** Scripts of `client/` by their bundled name, besides the one that every page has. */
  scripts?: readonly string[];
  styles?: readonly string[];
  children?: Child;
}

/** One HTML document: what every page has, signed in or not. Nothing in it is from elsewhere, and nothing inline is run. */
export function Page({ title, scripts = [], styles = [], children }: PageProps) {
  const theme = currentTheme();
  const chosen = theme === "system" ? undefined : theme;
  return (
    <>
      {html`<!doctype html>`}
      <html lang="en" data-theme={chosen}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content={chosen ?? "light dark"} />
          <title>{`${title} · Gentity`}</title>
          <link rel="icon" href={ICON} />
          {["dashboard.css", ...styles].map((name) => (
            <link rel="stylesheet" href={assetPath(name)} />
          ))}
          {/* It tells times in the reader's own: where a browser waits for it, nothing moves when they change. */}
          <script type="module" src={assetPath("dashboard.js")} blocking="render" />
          {scripts.map((name) => (
            <script type="module" src={assetPath(name)} />
          ))}
        </head>
        <body>{children}</body>
      </html>
    </>
  );
}
