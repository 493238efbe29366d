import type { Child } from "hono/jsx";
import { Brand } from "./brand.tsx";
import { Foot } from "./foot.tsx";
import { Page } from "./page.tsx";

interface PlainProps {
  title: string;
  scripts?: readonly string[];
  styles?: readonly string[];
  children?: Child;
}

/** A page for whoever is not signed in: sign-in, an invitation, an error. Its content is a column that is read in one go. */
export function Plain({ title, scripts, styles, children }: PlainProps) {
  return (
    <Page title={title} scripts={scripts} styles={styles}>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="bar">
        <Brand href="/" />
        <nav aria-label="Places">
          <a href="/docs">Docs</a>
        </nav>
        <div class="who">
          <a href="/dashboard">Dashboard</a>
        </div>
      </header>
      <main id="content" class="narrow" tabindex={-1}>
        {children}
      </main>
      <Foot />
    </Page>
  );
}
