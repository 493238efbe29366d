import type { Child } from "hono/jsx";
import { Brand } from "./brand.tsx";
import { Foot } from "./foot.tsx";
import { Page } from "./page.tsx";

interface PublicFrameProps {
  title: string;
  /** Whether it is one of the documentation's pages. */
  isDocs?: boolean;
  scripts?: readonly string[];
  styles?: readonly string[];
  children?: Child;
}

/** A page of anybody. It knows of its reader nothing but the theme, so that it may be kept: whoever is signed in just goes on to the dashboard. */
export function PublicFrame({ title, isDocs = false, scripts, styles, children }: PublicFrameProps) {
  return (
    <Page title={title} scripts={scripts} styles={styles}>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="bar">
        <Brand href="/" />
        <nav aria-label="Places">
          <a href="/docs" aria-current={isDocs ? "page" : undefined}>
            Docs
          </a>
          <a href="/docs/api">API</a>
          <a href="/docs/cli">CLI</a>
        </nav>
        <div class="who">
          <a href="/dashboard">Dashboard</a>
        </div>
      </header>
      {children}
      <Foot />
    </Page>
  );
}
