import type { Child } from "hono/jsx";
import { Brand } from "./brand.tsx";
import { Foot } from "./foot.tsx";
import { Page } from "./page.tsx";

const PLACES = [
  { name: "Docs", path: "/docs" },
  { name: "API", path: "/docs/api" },
  { name: "CLI", path: "/docs/cli" },
] as const;

interface PublicFrameProps {
  title: string;
  /** Where in the documentation it is. */
  path?: string;
  scripts?: readonly string[];
  styles?: readonly string[];
  children?: Child;
}

/** A page of anybody. It knows of its reader nothing but the theme, so that it may be kept: whoever is signed in just goes on to the dashboard. */
export function PublicFrame({ title, path = "", scripts, styles, children }: PublicFrameProps) {
  // A page that has no place of its own is one of the documentation's.
  const here = PLACES.findLast((place) => `${path}/`.startsWith(`${place.path}/`))?.path;
  return (
    <Page title={title} scripts={scripts} styles={styles}>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="bar">
        <Brand href="/" />
        <nav aria-label="Places">
          {PLACES.map((place) => (
            <a href={place.path} aria-current={place.path === here ? "page" : undefined}>
              {place.name}
            </a>
          ))}
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
