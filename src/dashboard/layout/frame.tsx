import type { Child } from "hono/jsx";
import type { Session } from "../../services/sessions/authenticate.ts";
import { Form } from "./form.tsx";
import { Page } from "./page.tsx";

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
  place: Place;
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
        <a class="brand" href="/dashboard">
          Gentity
        </a>
        <nav aria-label="Places">
          {PLACES.map(({ name, path }) => (
            <a href={path} aria-current={name === place ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div class="who">
          <span title={session.account.email}>{session.account.name ?? session.account.email}</span>
          <Form session={session} action="/sign-out">
            <button type="submit" class="plain">
              Sign out
            </button>
          </Form>
        </div>
      </header>
      <main id="content" tabindex={-1}>
        {children}
      </main>
    </Page>
  );
}
