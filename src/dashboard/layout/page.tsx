import { html } from "hono/html";
import type { Child } from "hono/jsx";
import { assetPath } from "../assets.ts";

interface PageProps {
  title: string;
  /** Scripts of `client/` by their bundled name, besides the one that every page has. */
  scripts?: readonly string[];
  styles?: readonly string[];
  children?: Child;
}

/** One HTML document: what every page has, signed in or not. Nothing in it is from elsewhere, and nothing inline is run. */
export function Page({ title, scripts = [], styles = [], children }: PageProps) {
  return (
    <>
      {html`<!doctype html>`}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{`${title} · Gentity`}</title>
          <link rel="icon" href="data:," />
          {["dashboard.css", ...styles].map((name) => (
            <link rel="stylesheet" href={assetPath(name)} />
          ))}
          {["dashboard.js", ...scripts].map((name) => (
            <script type="module" src={assetPath(name)} />
          ))}
        </head>
        <body>{children}</body>
      </html>
    </>
  );
}
