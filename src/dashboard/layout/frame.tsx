import type { Child } from "hono/jsx";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Brand } from "./brand.tsx";
import { Foot } from "./foot.tsx";
import { Page } from "./page.tsx";
import { Who } from "./who.tsx";

/** The places of the navigation, in their order. */
const PLACES = [
  { name: "Instances", path: "/dashboard" },
  { name: "Usage", path: "/dashboard/usage" },
  { name: "Audit", path: "/dashboard/audit" },
  { name: "Transfers", path: "/dashboard/transfers" },
  { name: "Settings", path: "/dashboard/settings" },
  { name: "Docs", path: "/docs" },
] as const;

export type Place = (typeof PLACES)[number]["name"];

interface FrameProps {
  session: Session;
  title: string;
  /** None for a page that is at no place, as one that is not there. */
  place?: Place;
  scripts?: readonly string[];
  styles?: readonly string[];
  children?: Child;
}

/** A page of the dashboard: where one is, who one is, and the page. */
export function Frame({ session, title, place, scripts, styles, children }: FrameProps) {
  return (
    <Page title={title} scripts={scripts} styles={styles}>
      <a class="skip" href="#content">
        To the content
      </a>
      <header class="bar">
        <Brand href="/dashboard" />
        <nav aria-label="Places">
          {PLACES.map(({ name, path }) => (
            <a href={path} aria-current={name === place ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <Who session={session} />
      </header>
      <main id="content" tabindex={-1}>
        {children}
      </main>
      <Foot />
    </Page>
  );
}
